package dynamodb

import (
	"fmt"
	"time"

	"localcloud/gateway/aws/wire"
)

// settings of the backend in the configuration.
type settings struct {
	// transition is how long a table or index stays in CREATING or UPDATING; 0 changes states at once.
	transition time.Duration
}

func parseSettings(values map[string]string) (settings, error) {
	var s settings
	for key, value := range values {
		switch key {
		case "transition":
			d, err := time.ParseDuration(value)
			if err != nil || d < 0 {
				return s, fmt.Errorf("dynamodb: transition: %q is no duration such as 2s", value)
			}
			s.transition = d
		default:
			return s, fmt.Errorf("dynamodb: unknown setting %q (there is: transition)", key)
		}
	}
	return s, nil
}

// limits of requests: AWS takes 16 MB for a batch and nests far less.
var limits = func() wire.Limits {
	l := wire.DefaultLimits
	l.Body = 17 << 20
	return l
}()
