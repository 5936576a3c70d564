package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// holderOf names the process that listens on the port of an address, "" where it cannot be seen:
// the kernel's tables give the socket, the descriptors of the processes its holder.
func holderOf(address string) string {
	_, port, _ := net.SplitHostPort(address)
	number, err := strconv.Atoi(port)
	if err != nil {
		return ""
	}
	sockets := make(map[string]bool)
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		listening(table, number, sockets)
	}
	links, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, link := range links {
		target, err := os.Readlink(link)
		if err != nil || !sockets[target] {
			continue
		}
		pid := strings.Split(link, "/")[2]
		return fmt.Sprintf("%s (process %s)", commandOf(pid), pid)
	}
	return ""
}

// listening adds the sockets of a kernel table that listen on a port ("socket:[4711]").
func listening(table string, port int, sockets map[string]bool) {
	file, err := os.Open(table)
	if err != nil {
		return
	}
	defer file.Close()
	const listen = "0A"
	suffix := fmt.Sprintf(":%04X", port)
	for scanner := bufio.NewScanner(file); scanner.Scan(); {
		fields := strings.Fields(scanner.Text())
		if len(fields) > 9 && strings.HasSuffix(fields[1], suffix) && fields[3] == listen {
			sockets["socket:["+fields[9]+"]"] = true
		}
	}
}

// commandOf is the name of a process; a localcloud also tells its project.
func commandOf(pid string) string {
	line, err := os.ReadFile("/proc/" + pid + "/cmdline")
	if args := strings.Split(string(line), "\x00"); err == nil && args[0] != "" {
		name := filepath.Base(args[0])
		for i, arg := range args[:len(args)-1] {
			if name == "localcloud" && arg == "--project" {
				name = fmt.Sprintf("the localcloud project %q", args[i+1])
			}
		}
		return name
	}
	name, err := os.ReadFile("/proc/" + pid + "/comm")
	if err != nil {
		return "a program"
	}
	return strings.TrimSpace(string(name))
}
