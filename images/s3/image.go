package s3

import "localcloud/images"

// Image is the catalog's entry of this backend.
func Image() *images.Image {
	return &images.Image{
		Name: "s3", Services: []string{"s3"},
		New: func(env images.Env) (images.Native, error) { return New(env) },
	}
}
