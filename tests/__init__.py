"""The tests of Parvis; CONTRIBUTING.md says what kind stands where."""
