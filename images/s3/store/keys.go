package store

import "github.com/tidwall/btree"

// keys holds what a bucket has under each key twice: in order, for listing, and hashed, since to find
// one among a million by comparing costs twenty cache misses.
type keys struct {
	btree.Map[string, *entry]
	hashed map[string]*entry
}

// entry returns what is held under the key, or nil.
func (k *keys) entry(key string) *entry { return k.hashed[key] }

// add returns what is held under the key; for a new key that is empty.
func (k *keys) add(key string) *entry {
	e := k.hashed[key]
	if e == nil {
		e = newEntry()
		if k.hashed == nil {
			k.hashed = make(map[string]*entry)
		}
		k.hashed[key] = e
		k.Set(key, e)
	}
	return e
}

func (k *keys) remove(key string) {
	delete(k.hashed, key)
	k.Delete(key)
}

func (k *keys) clear() {
	k.hashed = nil
	k.Clear()
}
