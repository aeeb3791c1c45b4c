"""What every part asks of the machine: folders, locks, devices, files that last, processes."""
