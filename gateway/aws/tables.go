package aws

import (
	_ "embed"
	"encoding/binary"
	"sync"
)

//go:generate go run ./gen

// The tables of all services, made by gen. The index of the services is read at the first use of
// any, a service's operations and then its shapes at the first use of those.
var (
	//go:embed operations.bin
	packedOperations string
	//go:embed shapes.bin
	packedShapes string
)

// ModelVersion is the version of the models (of botocore) that the tables are made from.
func ModelVersion() string {
	version, _ := cut(packedOperations)
	return version
}

// Services returns every AWS service, ordered by name. The slice must not be changed.
func Services() []*Service { return tables().services }

// Lookup returns the service of that name, or nil.
func Lookup(name string) *Service { return tables().byName[name] }

type index struct {
	services []*Service
	byName   map[string]*Service
}

var tables = sync.OnceValue(func() *index {
	t := readTables(packedOperations, packedShapes)
	applyOverlay(t.byName)
	return t
})

// readTables reads the index of what PackTables made.
func readTables(packedOperations, packedShapes string) *index {
	_, rest := cut(packedOperations)
	packedIndex, rest := cut(rest)
	operationWords, operations := cut(rest)
	shapeWords, shapes := cut(packedShapes)
	forOperations := sync.OnceValue(func() []byte { return inflate(operationWords) })
	forShapes := sync.OnceValue(func() []byte { return inflate(shapeWords) })

	c := unpack(packedIndex, nil)
	var n int
	number(c, columnService, &n)
	all := make([]Service, n)
	t := &index{services: make([]*Service, n), byName: make(map[string]*Service, n)}
	for i := range all {
		s := &all[i]
		c.service(s)
		ownOperations, ownShapes := c.next(&operations), c.next(&shapes)
		s.loadOperations = func() []*Operation { return unpack(ownOperations, forOperations()).operations(s) }
		s.loadShapes = func() { unpack(ownShapes, forShapes()).messages(s) }
		t.services[i], t.byName[s.Name] = s, s
	}
	return t
}

// next reads a size and takes that much of a file.
func (c *codec) next(file *string) string {
	var size int
	number(c, columnService, &size)
	part := (*file)[:size]
	*file = (*file)[size:]
	return part
}

// cut takes the block at the start of a file.
func cut(file string) (data, rest string) {
	n, size := binary.Uvarint([]byte(file[:min(len(file), binary.MaxVarintLen64)]))
	end := size + int(n)
	return file[size:end], file[end:]
}

// inflate reads what deflate wrote.
func inflate(data string) []byte { return unpack(data, nil).columns[0].data }
