// Command program is what runtimetest lets runtimes start: a small HTTP server with bad habits on
// request. It also stands in for localcloud's own executable, as supervisor and as guest.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strconv"
	"time"

	"localcloud/images"
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
	case "silent":
		fmt.Println("I listen to nobody")
		time.Sleep(time.Hour)
	case "dies":
		fmt.Println("the vault is locked")
		os.Exit(3)
	}
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
