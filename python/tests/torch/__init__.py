"""Tests of controllers in PyTorch."""
