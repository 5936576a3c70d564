package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"sort"
	"strings"
	"sync"

	"localcloud/gateway/aws"
	"localcloud/gateway/aws/gen/model"
)

// source is a folder of API models and the version of the botocore that it belongs to.
type source struct {
	dir     string
	version string
}

var versionLine = regexp.MustCompile(`__version__ = ['"]([^'"]+)['"]`)

func findSource(dir string) (*source, error) {
	if dir == "" {
		out, err := exec.Command("python3", "-c", "import botocore; print(botocore.__path__[0])").Output()
		if err != nil {
			return nil, fmt.Errorf("find botocore by python3 (or use --models): %w", err)
		}
		dir = filepath.Join(strings.TrimSpace(string(out)), "data")
	}
	init, err := os.ReadFile(filepath.Join(filepath.Dir(dir), "__init__.py"))
	if err != nil {
		return nil, err
	}
	match := versionLine.FindSubmatch(init)
	if match == nil {
		return nil, fmt.Errorf("no __version__ beside %s", dir)
	}
	return &source{dir: dir, version: string(match[1])}, nil
}

// services reads the newest model of every service, ordered by name.
func (s *source) services() ([]*aws.Service, error) {
	files, err := s.newest()
	if err != nil {
		return nil, err
	}
	services := make([]*aws.Service, len(files))
	errs := make([]error, len(files))
	var wait sync.WaitGroup
	slots := make(chan struct{}, runtime.NumCPU())
	for i, file := range files {
		wait.Add(1)
		slots <- struct{}{}
		go func() {
			defer func() { <-slots; wait.Done() }()
			data, err := os.ReadFile(file)
			if err == nil {
				services[i], err = model.Parse(filepath.Base(filepath.Dir(filepath.Dir(file))), data)
			}
			errs[i] = err
		}()
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return services, nil
}

// newest lists the file of the newest API version of each service; versions are dates.
func (s *source) newest() ([]string, error) {
	all, err := filepath.Glob(filepath.Join(s.dir, "*", "*", "service-2.json*"))
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("no models in %s", s.dir)
	}
	sort.Strings(all)
	var files []string
	for _, file := range all {
		service := filepath.Dir(filepath.Dir(file))
		if n := len(files); n > 0 && filepath.Dir(filepath.Dir(files[n-1])) == service {
			files[n-1] = file
			continue
		}
		files = append(files, file)
	}
	sort.Slice(files, func(i, j int) bool {
		return filepath.Dir(filepath.Dir(files[i])) < filepath.Dir(filepath.Dir(files[j]))
	})
	return files, nil
}
