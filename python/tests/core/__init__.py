"""The tests of the controller, its session and its file."""
