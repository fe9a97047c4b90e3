"""The rules of applications: plain values and functions; time comes in as a `Moment`, text of languages as a mapping."""
