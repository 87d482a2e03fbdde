"""Every deterministic learner on few lists, gone through one by one."""
