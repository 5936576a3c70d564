// Command program is what runtimetest lets runtimes start: a small HTTP server with bad habits on
// request. It also stands in for localcloud's own executable, as supervisor and as guest.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"localcloud/images"
	"localcloud/orchestrator"
	"localcloud/orchestrator/guest"
	"localcloud/orchestrator/local"
	"localcloud/orchestrator/runtimetest"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: program supervise|guest|serve|silent|dies ...")
		os.Exit(2)
	}
	switch os.Args[1] {
	case "supervise":
		os.Exit(local.Supervise(os.Args[2:]))
	case "guest":
		err := guest.Run(context.Background(), os.Args[2:], guest.Options{
			Image:   func(string) *images.Image { return runtimetest.Counter() },
			Service: runtimetest.Service,
			Log:     slog.Default(),
		})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	case "serve":
		serve(os.Args[2])
	case "stubborn":
		signal.Ignore(syscall.SIGTERM)
		serve(os.Args[2])
	case "family":
		family(os.Args[2])
	case "parent":
		parent(os.Args[2])
	case "fetch":
		fetch(os.Args[2])
	case "silent":
		fmt.Println("I listen to nobody")
		time.Sleep(time.Hour)
	case "dies":
		fmt.Println("the vault is locked")
		os.Exit(3)
	}
}

// family starts another server and then is one itself.
func family(port string) {
	child := exec.Command(os.Args[0], "serve", "0")
	if err := child.Start(); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	serve(port)
}

// parent runs the program "stubborn" as a backend in the local runtime, with its state in dir, prints
// its address and waits to be killed.
func parent(dir string) {
	runtime := local.New(local.Options{Project: "parent", Dir: dir, Supervisor: []string{os.Args[0], "supervise"}})
	instance, err := runtime.Start(context.Background(), orchestrator.Spec{
		Name: "stubborn", Image: &images.Image{Command: []string{os.Args[0], "stubborn", "{port}"}},
	}, nil)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	for {
		conn, err := net.Dial("tcp", instance.Address())
		if err == nil {
			_ = conn.Close()
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	fmt.Println(instance.Address())
	time.Sleep(time.Hour)
}

// fetch prints what a URL answers.
func fetch(url string) {
	resp, err := http.Get(url)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(os.Stdout, resp.Body)
}

// serve answers /who with a name that differs from process to process, and from one environment to
// another; /slow after a while; /die never.
func serve(port string) {
	who := os.Getenv("GREETING") + " " + strconv.FormatInt(time.Now().UnixNano(), 36)
	http.HandleFunc("/who", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, who) })
	http.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) {
		fmt.Println("a slow call")
		select {
		case <-time.After(time.Second):
		case <-r.Context().Done():
		}
		fmt.Fprint(w, who)
	})
	http.HandleFunc("/die", func(http.ResponseWriter, *http.Request) {
		fmt.Println("I was told to die")
		os.Exit(1)
	})
	fmt.Println("serving on port", port)
	fmt.Println(http.ListenAndServe(":"+port, nil))
	os.Exit(1)
}
