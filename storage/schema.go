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
	activityBucket
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
	inlineBucket
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
	levelsBucket
	backlogBucket
	horizonsBucket
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

// schema declares the buckets: the name in the file, the parts of the keys (words of keyParts),
// and flags for the store and its check. The comment of each line says what the value is.
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
	keysBucket:            {"keys", "user", owned},                                // []keyRow, in the order of adding
	preferencesBucket:     {"preferences", "user", owned},                         // preferencesRow
	commandHistoryBucket:  {"command_history", "user", owned},                     // []string
	threadsBucket:         {"threads", "thread", 0},                               // threadRow, also of removed threads
	titlesBucket:          {"titles", "text", counted},                            // thread; not of removed threads
	activityBucket:        {"activity", "time thread", appended | counted},        // nothing; see activityKey
	removedTitlesBucket:   {"removed_titles", "length text time thread", counted}, // nothing
	messagesBucket:        {"messages", "thread seq", appended | counted},         // messageRow; not of deleted messages
	deletedBucket:         {"deleted", "thread seq", counted},                     // messageRow of a deleted message
	hiddenBucket:          {"hidden", "thread seq", counted},                      // nothing; the messages of deletedBucket that are hidden
	editsBucket:           {"edits", "thread seq version", appended | counted},    // editRow; versions count from 1
	positionsBucket:       {"positions", "thread level number", counted},          // see positions.go
	removalsBucket:        {"removals", "time thread seq", appended | counted},    // nothing; seq is 0 for a thread; not of hidden messages or threads
	eventsBucket:          {"events", "number", appended},                         // eventRow
	filesBucket:           {"files", "folder text", 0},                            // fileRow
	partsBucket:           {"parts", "folder user text", 0},                       // partRow
	contentsBucket:        {"contents", "hash", counted},                          // contentRow
	blobsBucket:           {"blobs", "blob", counted},                             // nothing; the blobs that a content or a part names
	inlineBucket:          {"inline", "blob", counted},                            // the bytes of a content that is not a blob
	unnamedBucket:         {"unnamed", "blob", 0},                                 // value of sweptKey when the blob was first seen without a name
	usedBucket:            {"used", "text", counted},                              // see files.go
	textsBucket:           {"texts", "user", counted},                             // bytes of texts, see texts.go
	blocksBucket:          {"blocks", "user user", 0},                             // nothing; the second is blocked
	blockersBucket:        {"blockers", "user user", counted},                     // nothing; the first is blocked
	reportsBucket:         {"reports", "thread seq user", 0},                      // reportRow; seq is 0 for a thread
	reportersBucket:       {"reporters", "user thread seq", counted},              // nothing
	bannedNetworksBucket:  {"banned_networks", "text", 0},                         // sanctionRow, see networkKey
	visitsBucket:          {"visits", "number", appended},                         // visitRow
	openVisitsBucket:      {"open_visits", "user number", counted},                // nothing
	endedVisitsBucket:     {"ended_visits", "time number", appended | counted},    // nothing
	privateMessagesBucket: {"letters", "user user seq", 0},                        // privateMessageRow; the lower user first
	conversationsBucket:   {"conversations", "user user", 0},                      // conversationRow; the owner first
	interestsBucket:       {"interests", "user thread", 0},                        // interestRow
	levelsBucket:          {"levels", "user number", 0},                           // levels of interests, see levels.go
	backlogBucket:         {"backlog", "user number", 0},                          // levels of threads, see levels.go
	horizonsBucket:        {"horizons", "user", owned},                            // time, see forum.InterestReader
	mentionsBucket:        {"mentions", "user time thread seq", counted},          // nothing; not of deleted messages
	receiptsBucket:        {"receipts", "user text", 0},                           // receiptRow
	receiptTimesBucket:    {"receipt_times", "user time text", counted},           // nothing
	indexBucket:           {"index", "number block", appended | counted},          // postings of a segment, or its table; see index.go
	openDocumentsBucket:   {"open_documents", "number", appended | counted},       // document of the open segment
	auditBucket:           {"audit", "number", appended},                          // auditRow
	invitesBucket:         {"invites", "user number", 0},                          // inviteRow; user 0 is the operator
	inviteCodesBucket:     {"invite_codes", "hash", counted},                      // key of the invite, by its code
	erasuresBucket:        {"erasures", "user", owned},                            // erasureRow
	heldNamesBucket:       {"held_names", "hash", 0},                              // nothing; the hash is of a NameKey
	markBucket:            {"mark", "text", 0},                                    // see mark.go
}

// bucketFlags are properties of a bucket.
type bucketFlags uint8

const (
	// appended: most new keys come after the old ones of their thread or of the bucket, so
	// pages are filled completely.
	appended bucketFlags = 1 << iota
	// counted: the number of keys follows from the rows of other buckets.
	counted
	// owned: each key is the id of a user that must exist.
	owned
)

func (b bucket) String() string { return schema[b].name }

func (b bucket) is(flag bucketFlags) bool { return schema[b].flags&flag != 0 }

// keyParts are the parts of keys with their lengths in bytes; 0 is any length except 0. Numbers
// are big-endian, so keys sort like the things they name.
var keyParts = map[string]int{
	"user": 8, "thread": 8, "seq": 8, "time": 8, "number": 8, "version": 4, "level": 1, "block": 1,
	"hash": 32, "blob": 16, "folder": folderKeyLen, "length": 2, "text": 0,
}

// keyForm is the length of a bucket's keys.
type keyForm struct {
	size int
	more bool // keys are longer than size
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

// otherBuckets returns the names of all buckets except metaBucket, which every file has.
func otherBuckets() (names []string) {
	for b := metaBucket + 1; b < bucketCount; b++ {
		names = append(names, b.String())
	}
	return names
}
