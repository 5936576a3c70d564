package s3

import "net/http"

func (b *Backend) postForm(r *request) (*http.Response, error) {
	return nil, notPerformed("POST")
}
