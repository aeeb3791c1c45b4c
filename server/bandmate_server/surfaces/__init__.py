"""Hardware and apps that drive Bandmate: one control model, spoken over OSC and MIDI."""
