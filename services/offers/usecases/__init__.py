"""What offers can be asked to do: one async function per verb."""
