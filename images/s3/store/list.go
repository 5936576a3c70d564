package store

import "strings"

// Query says what to list. Keys are compared by bytes.
type Query struct {
	Prefix    string
	Delimiter string // "" for none
	Max       int

	From string // the first key that may be listed
	// After is the key behind which listing begins, "" for From. A common prefix that it begins with
	// is left out where SkipPrefix is set.
	After      string
	SkipPrefix bool
	// AfterID: with After, the version or upload id behind which listing begins; "" for behind all of
	// the key's.
	AfterID string
}

// Page is one page of a listing of objects.
type Page struct {
	Versions []*Version
	Prefixes []string
	More     bool
	Next     string // where More is set: the first key that is not covered
	Last     string // the last key or common prefix on the page
}

// List lists the newest versions that are no delete markers.
func (b *Bucket) List(q Query) Page {
	b.mu.RLock()
	defer b.mu.RUnlock()
	var page Page
	if q.Max <= 0 {
		return page
	}
	it := b.objects.Iter()
	for ok := it.Seek(q.start()); ok; {
		key, v := it.Key(), it.Value().newest()
		if !strings.HasPrefix(key, q.Prefix) {
			break
		}
		if v.Marker || q.After != "" && key <= q.After {
			ok = it.Next()
			continue
		}
		prefix, collapsed := q.collapse(key)
		if collapsed && q.skips(prefix) {
			ok = seekPast(&it, prefix)
			continue
		}
		if len(page.Versions)+len(page.Prefixes) == q.Max {
			page.More, page.Next = true, key
			break
		}
		if collapsed {
			page.Prefixes, page.Last = append(page.Prefixes, prefix), prefix
			ok = seekPast(&it, prefix)
			continue
		}
		page.Versions, page.Last = append(page.Versions, v), key
		ok = it.Next()
	}
	return page
}

// start is the key to begin the search at.
func (q *Query) start() string { return max(q.Prefix, q.From, q.After) }

// collapse is the common prefix that stands for key, if one does.
func (q *Query) collapse(key string) (string, bool) {
	if q.Delimiter == "" {
		return "", false
	}
	i := strings.Index(key[len(q.Prefix):], q.Delimiter)
	if i < 0 {
		return "", false
	}
	return key[:len(q.Prefix)+i+len(q.Delimiter)], true
}

func (q *Query) skips(prefix string) bool {
	return q.SkipPrefix && strings.HasPrefix(q.After, prefix)
}

// seeker is an iterator over keys.
type seeker interface{ Seek(key string) bool }

// seekPast goes to the first key behind all that begin with prefix.
func seekPast(it seeker, prefix string) bool {
	next, found := successor(prefix)
	return found && it.Seek(next)
}

// successor is the least string that is greater than all that begin with prefix.
func successor(prefix string) (string, bool) {
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i] != 0xff {
			return prefix[:i] + string([]byte{prefix[i] + 1}), true
		}
	}
	return "", false
}

// VersionPage is one page of a listing of versions, newest first under each key.
type VersionPage struct {
	Items    []ListedVersion
	Prefixes []string
	More     bool
	Last     string // the last key or common prefix on the page
	LastID   string // the last version's id; "" where a common prefix came last
}

// ListedVersion is a version and whether it is the newest of its key.
type ListedVersion struct {
	*Version
	Latest bool
}

// Versions lists all versions and delete markers.
func (b *Bucket) Versions(q Query) VersionPage {
	b.mu.RLock()
	defer b.mu.RUnlock()
	var page VersionPage
	if q.Max <= 0 {
		return page
	}
	it := b.objects.Iter()
	for ok := it.Seek(q.start()); ok && !page.More; {
		key, e := it.Key(), it.Value()
		if !strings.HasPrefix(key, q.Prefix) {
			break
		}
		if q.After != "" && (key < q.After || key == q.After && q.AfterID == "") {
			ok = it.Next()
			continue
		}
		prefix, collapsed := q.collapse(key)
		switch {
		case collapsed && q.skips(prefix):
			ok = seekPast(&it, prefix)
		case collapsed && page.full(&q):
			page.More = true
		case collapsed:
			page.Prefixes, page.Last, page.LastID = append(page.Prefixes, prefix), prefix, ""
			ok = seekPast(&it, prefix)
		default:
			page.add(&q, e)
			ok = it.Next()
		}
	}
	return page
}

func (p *VersionPage) full(q *Query) bool { return len(p.Items)+len(p.Prefixes) == q.Max }

// add adds the versions of one key as far as they fit.
func (p *VersionPage) add(q *Query, e *entry) {
	i := len(e.versions) - 1
	if e.newest().Key == q.After {
		i = e.before(q.AfterID)
	}
	for ; i >= 0; i-- {
		if p.full(q) {
			p.More = true
			return
		}
		v := e.versions[i]
		p.Items = append(p.Items, ListedVersion{v, i == len(e.versions)-1})
		p.Last, p.LastID = v.Key, v.ID()
	}
}

// before is the index of the version that is listed next behind the one with that id, which may be
// gone.
func (e *entry) before(id string) int {
	seq := e.null
	if id != NullID {
		seq, _ = parseVersionID(id)
	}
	i, _ := e.index(seq)
	return i - 1
}

// UploadPage is one page of a listing of uploads in parts.
type UploadPage struct {
	Uploads  []*Upload
	Prefixes []string
	More     bool
	Last     string // the last key or common prefix on the page
	LastID   string // the last upload's id; "" where a common prefix came last
}

// Uploads lists uploads in parts that are under way, by key and then by when they began.
func (b *Bucket) Uploads(q Query) UploadPage {
	b.mu.RLock()
	defer b.mu.RUnlock()
	var page UploadPage
	if q.Max <= 0 {
		return page
	}
	afterSeq, _ := parseUploadID(q.AfterID)
	it := b.uploads.Iter()
	defer it.Release()
	for ok := it.Seek(&Upload{Key: q.start()}); ok; {
		u := it.Item()
		if !strings.HasPrefix(u.Key, q.Prefix) {
			break
		}
		if q.After != "" && (u.Key < q.After || u.Key == q.After && (q.AfterID == "" || u.Seq <= afterSeq)) {
			ok = it.Next()
			continue
		}
		prefix, collapsed := q.collapse(u.Key)
		past := func() bool {
			next, found := successor(prefix)
			return found && it.Seek(&Upload{Key: next})
		}
		if collapsed && q.skips(prefix) {
			ok = past()
			continue
		}
		if page.More = len(page.Uploads)+len(page.Prefixes) == q.Max; page.More {
			break
		}
		if collapsed {
			page.Prefixes, page.Last, page.LastID = append(page.Prefixes, prefix), prefix, ""
			ok = past()
			continue
		}
		page.Uploads, page.Last, page.LastID = append(page.Uploads, u), u.Key, u.ID()
		ok = it.Next()
	}
	return page
}
