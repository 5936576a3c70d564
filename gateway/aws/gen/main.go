// Gen makes the generated files of this repository out of the AWS API models that an installed
// botocore carries: the tables of gateway/aws and the typed structures of the native backends
// (images/<service>/api.go). Run it anywhere in the repository:
//
//	go run ./gateway/aws/gen [--models DIR] [--check]
//
// --models names a folder laid out like botocore/data (SERVICE/VERSION/service-2.json[.gz]) whose
// parent holds botocore's __init__.py; without it python3 is asked where botocore is. --check writes
// nothing: it fails where a generated file differs from what the models give, and passes with a
// remark where botocore has another version than the files' stamp.
//
// A further service for the native backends is one more line in structures (structs.go).
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sort"

	"localcloud/gateway/aws"
)

func main() {
	models := flag.String("models", "", "folder of API models (default: that of the installed botocore)")
	check := flag.Bool("check", false, "report drift instead of writing")
	flag.Parse()
	err := enterRoot()
	if err == nil {
		err = run(*models, *check)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// enterRoot changes to the root of the repository, which the paths of the files begin at.
func enterRoot() error {
	for {
		if _, err := os.Stat("go.mod"); err == nil {
			return nil
		}
		before, err := os.Getwd()
		if err != nil {
			return err
		}
		if err := os.Chdir(".."); err != nil {
			return err
		}
		if after, err := os.Getwd(); err != nil || after == before {
			return errors.New("not in a Go module")
		}
	}
}

func run(models string, check bool) error {
	src, err := findSource(models)
	if err != nil {
		return err
	}
	if check {
		if stamp := aws.ModelVersion(); stamp != src.version {
			fmt.Printf("gen: botocore %s is installed, the files are made from %s: not compared\n", src.version, stamp)
			return nil
		}
	}
	files, err := generate(src)
	if err != nil {
		return err
	}
	if check {
		return compare(files)
	}
	return write(files)
}

// generate returns the contents of all generated files by their path.
func generate(src *source) (map[string][]byte, error) {
	services, err := src.services()
	if err != nil {
		return nil, err
	}
	files := make(map[string][]byte)
	if err := addStructures(files, services, src.version); err != nil {
		return nil, err
	}
	addTables(files, services, src.version)
	return files, nil
}

func compare(files map[string][]byte) error {
	for _, path := range paths(files) {
		have, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if !bytes.Equal(have, files[path]) {
			return fmt.Errorf("%s is not what the models give: run make generate", path)
		}
	}
	return nil
}

func write(files map[string][]byte) error {
	for _, path := range paths(files) {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, files[path], 0o644); err != nil {
			return err
		}
	}
	return nil
}

func paths(files map[string][]byte) []string {
	var all []string
	for path := range files {
		all = append(all, path)
	}
	sort.Strings(all)
	return all
}
