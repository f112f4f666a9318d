"""What travels between the office, where repairers are trained, and the field, where they run. No torch."""
