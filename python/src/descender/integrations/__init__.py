"""Controllers in the training loops of other libraries, each in a module of its own.

===========================================  ==============================================================
``integrations.transformers``                ``ControllerCallback`` for the Trainer of Hugging Face
``integrations.lightning``                   ``ControllerCallback`` for Lightning's Trainer
``integrations.accelerate``                  ``controller_for`` a loop over what an Accelerator has prepared
``integrations.keras``                       ``ControllerCallback`` for ``fit`` of Keras
===========================================  ==============================================================

A module imports its library; this one imports none of them.
"""
