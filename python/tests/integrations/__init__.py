"""Tests of controllers in the training loops of other libraries."""
