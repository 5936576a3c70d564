package aws

import (
	"encoding/binary"
	"sort"
	"strings"
)

// Tables is the packed form of services: what Services and Lookup read.
type Tables struct {
	// Operations holds the version of the models, an index of the services, and each service's operations.
	Operations []byte
	// Shapes holds each service's shapes.
	Shapes []byte
}

// dictionarySize is the largest window that flate looks back.
const dictionarySize = 32 << 10

// PackTables packs services (ordered by name) for the files that this package embeds; version is that
// of the models. It is the generator's half of Services.
func PackTables(version string, services []*Service) Tables {
	operations, shapes := make([]*codec, len(services)), make([]*codec, len(services))
	for i, s := range services {
		operations[i] = &codec{writing: true}
		operations[i].operations(s)
		shapes[i] = &codec{writing: true, numbers: make(map[*Shape]int)}
		shapes[i].messages(s)
	}
	index := &codec{writing: true}
	n := len(services)
	number(index, columnService, &n)
	var t Tables
	forOperations, forShapes := dictionary(operations), dictionary(shapes)
	for i, s := range services {
		index.service(s)
		size := index.part(&t.Operations, operations[i].pack(forOperations))
		number(index, columnService, &size)
		size = index.part(&t.Shapes, shapes[i].pack(forShapes))
		number(index, columnService, &size)
	}
	head := block(nil, []byte(version))
	head = block(head, index.pack(nil))
	head = block(head, deflate(forOperations))
	t.Operations = append(head, t.Operations...)
	t.Shapes = append(block(nil, deflate(forShapes)), t.Shapes...)
	return t
}

func (c *codec) part(file *[]byte, part []byte) int {
	*file = append(*file, part...)
	return len(part)
}

// block appends data behind its length.
func block(file, data []byte) []byte {
	return append(binary.AppendUvarint(file, uint64(len(data))), data...)
}

// deflate packs plain bytes as a part with a single column.
func deflate(data []byte) []byte {
	c := &codec{writing: true}
	c.columns[0].data = data
	return c.pack(nil)
}

// dictionary chooses the strings that most services share: a compressor starts with them as if it
// had just seen them. The most frequent stand last, where they are the cheapest to refer to.
func dictionary(parts []*codec) []byte {
	type entry struct {
		text  string
		count int
	}
	counts := make(map[string]int)
	for _, c := range parts {
		for i := range c.columns {
			for s := range c.columns[i].numbers {
				counts[s]++
			}
		}
	}
	var entries []entry
	for s, n := range counts {
		if n > 2 && len(s) > 3 {
			entries = append(entries, entry{s, n})
		}
	}
	worth := func(e entry) int { return e.count * (len(e.text) - 2) }
	sort.Slice(entries, func(i, j int) bool {
		if a, b := worth(entries[i]), worth(entries[j]); a != b {
			return a > b
		}
		return entries[i].text < entries[j].text
	})
	var chosen []string
	size := 0
	for _, e := range entries {
		if size+len(e.text) > dictionarySize {
			break
		}
		size += len(e.text)
		chosen = append(chosen, e.text)
	}
	for i, j := 0, len(chosen)-1; i < j; i, j = i+1, j-1 {
		chosen[i], chosen[j] = chosen[j], chosen[i]
	}
	return []byte(strings.Join(chosen, ""))
}
