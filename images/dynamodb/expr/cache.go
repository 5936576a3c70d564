package expr

import "sync"

// cache keeps what texts were parsed into. When it is full it begins anew: a program has a handful
// of expressions, and one that writes values into its texts gains nothing from a cache anyway.
type cache[T any] struct {
	mu    sync.RWMutex
	known map[string]T
}

const (
	cacheSize = 1024 // texts
	cacheText = 1024 // bytes of a text that is kept
)

// get returns what the text was parsed into, by parse where it is new. Mistakes are not kept.
func (c *cache[T]) get(text string, parse func(string) (T, error)) (T, error) {
	c.mu.RLock()
	v, ok := c.known[text]
	c.mu.RUnlock()
	if ok {
		return v, nil
	}
	v, err := parse(text)
	if err != nil || len(text) > cacheText {
		return v, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil || len(c.known) >= cacheSize {
		c.known = make(map[string]T)
	}
	c.known[text] = v
	return v, nil
}
