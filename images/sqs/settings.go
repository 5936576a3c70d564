package sqs

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// settings are what the configuration of the backend can say. Each has the name that LocalStack's
// environment has for it, without the prefix and in lower case; the prefix is accepted.
type settings struct {
	purgeRetry      time.Duration // within which a second PurgeQueue is refused
	recentlyDeleted time.Duration // within which a deleted queue's name cannot be used again
}

var settingNames = map[string]func(s *settings) *time.Duration{
	"delay_purge_retry":      func(s *settings) *time.Duration { return &s.purgeRetry },
	"delay_recently_deleted": func(s *settings) *time.Duration { return &s.recentlyDeleted },
}

// parseSettings reads the settings: true (or 1) for AWS's sixty seconds, false (or 0, the default),
// or a duration.
func parseSettings(values map[string]string) (settings, error) {
	var s settings
	for key, value := range values {
		field := settingNames[strings.TrimPrefix(strings.ToLower(key), "sqs_")]
		if field == nil {
			return s, fmt.Errorf("sqs: unknown setting %q; there are %s",
				key, strings.Join(slices.Sorted(maps.Keys(settingNames)), ", "))
		}
		if on, err := strconv.ParseBool(value); err == nil {
			if on {
				*field(&s) = time.Minute
			}
			continue
		}
		d, err := time.ParseDuration(value)
		if err != nil || d < 0 {
			return s, fmt.Errorf("sqs: setting %s: %q is neither true, false nor a duration", key, value)
		}
		*field(&s) = d
	}
	return s, nil
}
