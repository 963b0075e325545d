"""What is done with the sources: the scheduled load, and the commands around it."""
