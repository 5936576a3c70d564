// Package attr holds DynamoDB's attribute values in one compact canonical form.
//
// A Value is an immutable string: a type byte, the length of what follows, and the payload. A Map is
// the same for a whole item. The form is canonical (map members and set members are sorted, numbers
// have one spelling), so that two values are equal exactly where their strings are; numbers, strings
// and binaries compare in byte order. Values are read in place: a member of an item is a substring
// of it, and reading one allocates nothing.
//
// Read it in this order: value, number, arith, build, size, path, decode, encode.
package attr
