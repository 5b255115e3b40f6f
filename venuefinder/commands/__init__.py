"""Commands of the command line that are mounted in `venuefinder.cli`, a group a module."""
