package local

// Supervise is the body of the hidden command that Options.Supervisor names. It returns the exit code.
func Supervise(args []string) int { panic("not written") }
