package main

import "testing"

// TestGeneratedFilesAreCurrent compares where the installed botocore is the one of the stamp.
func TestGeneratedFilesAreCurrent(t *testing.T) {
	t.Chdir(".") // and back at the end
	if err := enterRoot(); err != nil {
		t.Fatal(err)
	}
	if _, err := findSource(""); err != nil {
		t.Skip("no models to compare with: ", err)
	}
	if err := run("", true); err != nil {
		t.Error(err)
	}
}

func TestCamel(t *testing.T) {
	for value, want := range map[string]string{
		"KEYS_ONLY": "KeysOnly", "SenderId": "SenderId", "s3:ObjectCreated:*": "S3ObjectCreatedAll", "us-east-1": "UsEast1", "AES256": "Aes256",
	} {
		if got := camel(value); got != want {
			t.Errorf("%q: got %q, want %q", value, got, want)
		}
	}
}
