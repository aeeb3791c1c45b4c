"""The audio that a job works on: decoded, cut, stretched, joined and laid on the project's frames."""
