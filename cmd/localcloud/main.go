// Command localcloud runs an AWS on this machine.
//
// One file holds one command: its options, its constructor, its run. A new command is such a file and
// a line in newRoot. The files cloud*.go put the parts of localcloud together inside the project's
// process; the packages config and project are what the commands share.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(run(os.Args[1:])) }

// run is the whole command line program; it returns the exit code.
func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // the first signal is obeyed in good order, the second at once
	a := newApp()
	root := newRoot(a)
	root.SetArgs(args)
	return a.exit(root.ExecuteContext(ctx))
}
