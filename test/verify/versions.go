package main

import (
	"os/exec"
	"strings"

	"localcloud/images/catalog"
)

// asked tells the version of programs that can be asked; of others the catalog knows which it is.
var asked = map[string][]string{
	"moto": {"python3", "-c", "import moto; print(moto.__version__)"},
}

// version is that of the backend which was tested.
func version(backend string) string {
	if command := asked[backend]; command != nil {
		if out, err := exec.Command(command[0], command[1:]...).Output(); err == nil {
			return strings.TrimSpace(string(out))
		}
	}
	image := catalog.Lookup(backend)
	if image == nil {
		return ""
	}
	for _, text := range []string{image.Reference, image.Install} {
		if i := strings.LastIndexAny(text, ":@"); i >= 0 && !strings.ContainsAny(text[i:], " /") {
			return text[i+1:]
		}
	}
	return ""
}
