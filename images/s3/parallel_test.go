package s3

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// TestThousandParallelClients lets clients do everything at once on the same few keys; no answer may
// be an internal error, and what is read is always whole.
func TestThousandParallelClients(t *testing.T) {
	b := newBackend(t)
	call(t, b, "CreateBucket", "PUT", "/bucket", "")
	var group sync.WaitGroup
	for i := range 1000 {
		group.Go(func() {
			key := fmt.Sprintf("/bucket/k%d", i%7)
			content := strings.Repeat(fmt.Sprint(i%10), 1000+i*100)
			for _, step := range []struct {
				operation, method, target, body string
				headers                         []string
			}{
				{"PutObject", "PUT", key, content, nil},
				{"GetObject", "GET", key, "", nil},
				{"CopyObject", "PUT", key + "copy", "", []string{"X-Amz-Copy-Source", key}},
				{"PutObjectTagging", "PUT", key + "?tagging", bodies["PutObjectTagging"], []string{"Content-Md5", md5Of(bodies["PutObjectTagging"])}},
				{"ListObjectsV2", "GET", "/bucket?list-type=2", "", nil},
				{"DeleteObject", "DELETE", key, "", nil},
			} {
				status, _, answer := call(t, b, step.operation, step.method, step.target, step.body, step.headers...)
				if status >= 500 {
					t.Errorf("%s: %d %s", step.operation, status, answer)
				}
				if step.operation == "GetObject" && status == 200 && strings.Trim(answer, answer[:1]) != "" {
					t.Errorf("two contents mixed in %d bytes", len(answer))
				}
			}
		})
	}
	group.Wait()
}
