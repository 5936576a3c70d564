package aws

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"
)

// codec writes or reads one part of the tables. The same walk does both, so that the two cannot
// differ. Values of one kind stand together in a column, which is what makes a part compress well: a
// column of numbers, and for columns of strings the texts in the order of their first use.
type codec struct {
	writing bool
	columns [columnCount]column
	shapes  []*Shape       // known so far, by number
	numbers map[*Shape]int // the inverse, when writing
}

// column is a cursor: data shrinks while it is read and grows while it is written.
type column struct {
	data    []byte
	text    []byte // of the strings; their lengths stand in data
	known   []string
	numbers map[string]int // the inverse of known, when writing
}

// The columns of a part.
const (
	columnService = iota
	columnServiceText
	columnOperation
	columnOperationName
	columnURI
	columnWire // wire names
	columnTrait
	columnMessage // shapes of operations
	columnErrors
	columnKind
	columnFlags
	columnShapeName
	columnBounds
	columnPattern
	columnEnum
	columnEnumCount
	columnMemberCount
	columnMemberName
	columnMemberShape
	columnMemberFlags
	columnLocationName
	columnNamespace
	columnCount
)

// number writes or reads a small number.
func number[T ~int | ~uint8 | ~uint64](c *codec, column int, v *T) {
	col := &c.columns[column]
	if c.writing {
		col.data = binary.AppendUvarint(col.data, uint64(*v))
		return
	}
	n, size := binary.Uvarint(col.data)
	if size <= 0 {
		panic(fmt.Sprintf("tables: column %d ends early", column))
	}
	col.data = col.data[size:]
	*v = T(n)
}

// flags writes or reads booleans as the bits of one number.
func (c *codec) flags(column int, bits ...*bool) {
	var n uint64
	for i, bit := range bits {
		if *bit {
			n |= 1 << i
		}
	}
	number(c, column, &n)
	for i, bit := range bits {
		*bit = n>>i&1 == 1
	}
}

// text writes or reads a string: 0 for none, 1 for one that comes for the first time, and its number
// in the column otherwise.
func (c *codec) text(column int, s *string) {
	col := &c.columns[column]
	if !c.writing {
		*s = col.read(c, column)
		return
	}
	n := 0
	if *s != "" {
		if known, ok := col.numbers[*s]; ok {
			n = known + 2
		} else {
			n = 1
		}
	}
	number(c, column, &n)
	if n != 1 {
		return
	}
	size := len(*s)
	number(c, column, &size)
	if col.numbers == nil {
		col.numbers = make(map[string]int)
	}
	col.numbers[*s] = len(col.numbers)
	col.text = append(col.text, *s...)
}

func (col *column) read(c *codec, column int) string {
	var n, size int
	number(c, column, &n)
	switch n {
	case 0:
		return ""
	case 1:
		number(c, column, &size)
		s := string(col.text[:size])
		col.text = col.text[size:]
		col.known = append(col.known, s)
		return s
	}
	return col.known[n-2]
}

// texts writes or reads a list of strings.
func (c *codec) texts(count, column int, list *[]string) {
	n := len(*list)
	number(c, count, &n)
	if !c.writing && n > 0 {
		*list = make([]string, n)
	}
	for i := range *list {
		c.text(column, &(*list)[i])
	}
}

// bound writes or reads a limit: whole numbers short, others as their bits.
func (c *codec) bound(v *float64) {
	const fraction = 1
	var n, bits uint64
	if whole := int64(*v); float64(whole) == *v && whole > -1<<60 && whole < 1<<60 {
		n = uint64(whole<<1^whole>>63) << 1
	} else {
		n, bits = fraction, math.Float64bits(*v)
	}
	number(c, columnBounds, &n)
	if n&fraction != 0 {
		number(c, columnBounds, &bits)
		*v = math.Float64frombits(bits)
		return
	}
	n >>= 1
	*v = float64(int64(n>>1) ^ -int64(n&1))
}

// pack returns the compressed part that was written.
func (c *codec) pack(dictionary []byte) []byte {
	var sizes, all []byte
	for i := range c.columns {
		for _, data := range [...][]byte{c.columns[i].data, c.columns[i].text} {
			sizes = binary.AppendUvarint(sizes, uint64(len(data)))
			all = append(all, data...)
		}
	}
	var out bytes.Buffer
	w, err := flate.NewWriterDict(&out, flate.BestCompression, dictionary)
	if err != nil {
		panic(err) // the level is a constant
	}
	if _, err = w.Write(append(sizes, all...)); err == nil {
		err = w.Close()
	}
	if err != nil {
		panic(err) // writing to memory does not fail
	}
	return out.Bytes()
}

// unpack makes a codec that reads a part. The tables are embedded: what does not unpack is a fault of the build.
func unpack(part string, dictionary []byte) *codec {
	data, err := io.ReadAll(flate.NewReaderDict(strings.NewReader(part), dictionary))
	if err != nil {
		panic("tables: " + err.Error())
	}
	c := new(codec)
	var sizes [2 * columnCount]int
	for i := range sizes {
		n, size := binary.Uvarint(data)
		data = data[size:]
		sizes[i] = int(n)
	}
	for i := range c.columns {
		c.columns[i].data, data = data[:sizes[2*i]], data[sizes[2*i]:]
		c.columns[i].text, data = data[:sizes[2*i+1]], data[sizes[2*i+1]:]
	}
	return c
}
