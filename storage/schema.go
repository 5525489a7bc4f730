package storage

import (
	"strings"

	"sshforum/storage/boltfile"
)

// bucket is one of the file's top-level buckets.
type bucket uint8

const (
	metaBucket bucket = iota
	usersBucket
	namesBucket
	skeletonsBucket
	passwordsBucket
	keysBucket
	preferencesBucket
	commandHistoryBucket
	threadsBucket
	titlesBucket
	removedTitlesBucket
	messagesBucket
	deletedBucket
	hiddenBucket
	editsBucket
	positionsBucket
	removalsBucket
	eventsBucket
	filesBucket
	partsBucket
	contentsBucket
	blobsBucket
	unnamedBucket
	usedBucket
	textsBucket
	blocksBucket
	blockersBucket
	reportsBucket
	reportersBucket
	bannedNetworksBucket
	visitsBucket
	openVisitsBucket
	endedVisitsBucket
	privateMessagesBucket
	conversationsBucket
	interestsBucket
	mentionsBucket
	receiptsBucket
	receiptTimesBucket
	indexBucket
	openDocumentsBucket
	auditBucket
	invitesBucket
	inviteCodesBucket
	erasuresBucket
	heldNamesBucket
	markBucket
	bucketCount
)

// schema declares the buckets: the name in the file, what the keys are made of, which are
// the words of keyParts, and what else the store and its check need to know. Behind it
// stands what a key leads to.
var schema = [bucketCount]struct {
	name  string
	keys  string
	flags bucketFlags
}{
	metaBucket:            {boltfile.MetaBucket, "text", 0},                       // see the keys below
	usersBucket:           {"users", "user", 0},                                   // userRow
	namesBucket:           {"names", "text", counted},                             // NameKey -> user
	skeletonsBucket:       {"skeletons", "text", counted},                         // Skeleton of a name -> user
	passwordsBucket:       {"passwords", "user", owned},                           // PHC string
	keysBucket:            {"keys", "user", owned},                                // []keyRow, as they were added
	preferencesBucket:     {"preferences", "user", owned},                         // preferencesRow
	commandHistoryBucket:  {"command_history", "user", owned},                     // []string
	threadsBucket:         {"threads", "thread", 0},                               // threadRow, removed ones too
	titlesBucket:          {"titles", "text", counted},                            // thread, not of removed ones
	removedTitlesBucket:   {"removed_titles", "length text time thread", counted}, // nothing
	messagesBucket:        {"messages", "thread seq", appended | counted},         // messageRow, without deleted ones
	deletedBucket:         {"deleted", "thread seq", counted},                     // messageRow of a deleted one
	hiddenBucket:          {"hidden", "thread seq", counted},                      // nothing; those of deletedBucket that are hidden
	editsBucket:           {"edits", "thread seq version", appended | counted},    // editRow; versions count from 1
	positionsBucket:       {"positions", "thread level number", counted},          // see positions.go
	removalsBucket:        {"removals", "time thread seq", appended | counted},    // nothing; seq is 0 for the thread; not of what is hidden
	eventsBucket:          {"events", "number", appended},                         // eventRow
	filesBucket:           {"files", "folder text", 0},                            // fileRow
	partsBucket:           {"parts", "folder user text", 0},                       // partRow
	contentsBucket:        {"contents", "hash", counted},                          // contentRow
	blobsBucket:           {"blobs", "blob", counted},                             // nothing; that a content or a part names
	unnamedBucket:         {"unnamed", "blob", 0},                                 // value of sweptKey when it was seen without a name
	usedBucket:            {"used", "text", counted},                              // see files.go
	textsBucket:           {"texts", "user", counted},                             // bytes of texts, see texts.go
	blocksBucket:          {"blocks", "user user", 0},                             // nothing; the second is blocked
	blockersBucket:        {"blockers", "user user", counted},                     // nothing; the first is blocked
	reportsBucket:         {"reports", "thread seq user", 0},                      // reportRow; seq is 0 for the thread
	reportersBucket:       {"reporters", "user thread seq", counted},              // nothing
	bannedNetworksBucket:  {"banned_networks", "text", 0},                         // sanctionRow, see networkKey
	visitsBucket:          {"visits", "number", appended},                         // visitRow
	openVisitsBucket:      {"open_visits", "user number", counted},                // nothing
	endedVisitsBucket:     {"ended_visits", "time number", appended | counted},    // nothing
	privateMessagesBucket: {"letters", "user user seq", 0},                        // privateMessageRow; the lower user first
	conversationsBucket:   {"conversations", "user user", 0},                      // conversationRow; the owner first
	interestsBucket:       {"interests", "user thread", 0},                        // interestRow
	mentionsBucket:        {"mentions", "user time thread seq", counted},          // nothing; not of deleted ones
	receiptsBucket:        {"receipts", "user text", 0},                           // receiptRow
	receiptTimesBucket:    {"receipt_times", "user time text", counted},           // nothing
	indexBucket:           {"index", "number block", appended | counted},          // postings of a segment, or its table; see index.go
	openDocumentsBucket:   {"open_documents", "number", appended | counted},       // document of the open segment
	auditBucket:           {"audit", "number", appended},                          // auditRow
	invitesBucket:         {"invites", "user number", 0},                          // inviteRow; user 0 is the operator
	inviteCodesBucket:     {"invite_codes", "hash", counted},                      // key of the invite, by its code
	erasuresBucket:        {"erasures", "user", owned},                            // erasureRow
	heldNamesBucket:       {"held_names", "hash", 0},                              // nothing; of a NameKey
	markBucket:            {"mark", "text", 0},                                    // see mark.go
}

// bucketFlags are what is so of some buckets.
type bucketFlags uint8

const (
	// appended: new keys mostly come behind the old ones of their thread or of the bucket;
	// pages are filled to the brim.
	appended bucketFlags = 1 << iota
	// counted: how many keys there must be follows from rows of other buckets.
	counted
	// owned: each row is of a user that there must be.
	owned
)

func (b bucket) String() string { return schema[b].name }

func (b bucket) is(flag bucketFlags) bool { return schema[b].flags&flag != 0 }

// keyParts are what keys are made of, and their bytes; 0 for what has any number but 0.
// Numbers are big-endian, so that keys sort as what they name does.
var keyParts = map[string]int{
	"user": 8, "thread": 8, "seq": 8, "time": 8, "number": 8, "version": 4, "level": 1, "block": 1,
	"hash": 32, "blob": 16, "folder": folderKeyLen, "length": 2, "text": 0,
}

// keyForm is how long the keys of a bucket are.
type keyForm struct {
	size int
	more bool // they are longer than size
}

func (b bucket) keyForm() (form keyForm) {
	for part := range strings.FieldsSeq(schema[b].keys) {
		form.size += keyParts[part]
		form.more = form.more || keyParts[part] == 0
	}
	return form
}

func (f keyForm) fits(key []byte) bool {
	return len(key) == f.size && !f.more || len(key) > f.size && f.more
}

// otherBuckets are the names of all buckets but metaBucket, which every file has.
func otherBuckets() (names []string) {
	for b := metaBucket + 1; b < bucketCount; b++ {
		names = append(names, b.String())
	}
	return names
}
