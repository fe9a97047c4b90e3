"""What accounts can be asked to do: one async function per verb."""
