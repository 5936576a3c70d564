package project

import (
	"debug/elf"
	"os"
	"strings"
	"sync"
)

// Build identifies this executable by what is in it (the Go build id), "" where that cannot be told.
// A project's process of another build is replaced by `up`.
var Build = sync.OnceValue(func() string {
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	file, err := elf.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	section := file.Section(".note.go.buildid")
	if section == nil {
		return ""
	}
	note, err := section.Data()
	if err != nil {
		return ""
	}
	const header = 16 // lengths of name and value, type, and the name "Go"
	if len(note) <= header {
		return ""
	}
	id := strings.TrimRight(string(note[header:]), "\x00")
	return id[strings.LastIndexByte(id, '/')+1:]
})
