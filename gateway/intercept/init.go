package intercept

import (
	"net/http"
	"strings"
)

// Stages tells how far the start is and what its scripts did.
type Stages struct {
	Boot, Start, Ready, Shutdown bool
	Scripts                      []Script
}

// Script is one init script.
type Script struct {
	Stage string `json:"stage"` // "BOOT", "START", "READY", "SHUTDOWN"
	Name  string `json:"name"`
	State string `json:"state"` // "UNKNOWN", "RUNNING", "SUCCESSFUL", "ERROR"
}

// init is LocalStack's page of init scripts; rest is "" or "/" and a stage.
func (p *pages) init(rest string) (*http.Response, error) {
	stages := Stages{Boot: true, Start: true, Ready: true}
	if p.options.Stages != nil {
		stages = p.options.Stages()
	}
	completed := map[string]bool{"BOOT": stages.Boot, "START": stages.Start, "READY": stages.Ready, "SHUTDOWN": stages.Shutdown}
	scripts := make([]Script, 0, len(stages.Scripts))
	rest = strings.TrimPrefix(rest, "/")
	if rest == "" {
		scripts = append(scripts, stages.Scripts...)
		return respondJSON(http.StatusOK, map[string]any{"completed": completed, "scripts": scripts})
	}
	stage := strings.ToUpper(rest)
	done, known := completed[stage]
	if !known {
		return respond(http.StatusNotFound, "text/plain; charset=utf-8", "no such stage "+rest), nil
	}
	for _, script := range stages.Scripts {
		if script.Stage == stage {
			scripts = append(scripts, script)
		}
	}
	return respondJSON(http.StatusOK, map[string]any{"completed": done, "scripts": scripts})
}
