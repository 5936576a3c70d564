package delivery

import (
	"errors"
	"log/slog"
	"net/http"

	"localcloud/gateway/aws"
)

// VerdictOf is what the answer of a service means for a delivery to it: what the service refuses for
// good (the queue is not there) is given up, all else is tried again.
func VerdictOf(err error) Verdict {
	var refused *aws.Error
	switch {
	case err == nil:
		return Done
	case errors.As(err, &refused) && refused.Status >= 400 && refused.Status < 500 && refused.Status != http.StatusTooManyRequests:
		return Give
	}
	return Retry
}

// LogAttempts returns an Options.Observe that logs the end of each attempt of a service's deliveries.
func LogAttempts(log *slog.Logger, service string) func(m Message, attempt int, v Verdict, err error) {
	return func(m Message, attempt int, v Verdict, err error) {
		result := [...]string{Done: "delivered", Retry: "retry", Give: "failed"}[v]
		attributes := []any{"service", service, "target", m.Target, "attempt", attempt, "result", result}
		if err != nil {
			attributes = append(attributes, "reason", err.Error())
		}
		log.Info("delivery", attributes...)
	}
}
