"""The impure shell: one function a stage, called by the DAGs and by the command line alike."""
