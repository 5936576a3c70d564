package orchestrator

import (
	"net/http"

	"localcloud/gateway/aws"
	"localcloud/images"
	"localcloud/orchestrator/transport"
)

// Connect returns a transport to an instance of the image that listens on address, which tells it the
// account of each call in the way the image wants.
func Connect(address string, image *images.Image) *transport.Transport {
	t := transport.New(address)
	if name := image.Account.Header; name != "" {
		t.Extra = func(req *http.Request) []transport.Header {
			call := aws.CallFrom(req.Context())
			if call == nil || call.Account == "" {
				return nil
			}
			return []transport.Header{{Name: name, Value: call.Account}}
		}
	}
	return t
}
