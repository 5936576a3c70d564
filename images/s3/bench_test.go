package s3

import (
	"fmt"
	"testing"
)

// BenchmarkOperations measures the backend without gateway and sockets.
func BenchmarkOperations(b *testing.B) {
	s := newBackend(b)
	call(b, s, "CreateBucket", "PUT", "/bench", "")
	content := string(make([]byte, 1<<10))
	for i := range 2000 {
		call(b, s, "PutObject", "PUT", fmt.Sprintf("/bench/k%06d", i), content)
	}
	for _, o := range []struct{ name, method, target, body string }{
		{"PutObject", "PUT", "/bench/k", content},
		{"GetObject", "GET", "/bench/k", ""},
		{"HeadObject", "HEAD", "/bench/k", ""},
		{"ListObjectsV2", "GET", "/bench?list-type=2", ""},
	} {
		b.Run(o.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				call(b, s, o.name, o.method, o.target, o.body)
			}
		})
	}
}
