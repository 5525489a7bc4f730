package storage

import (
	"strings"
	"testing"

	"sshforum/forum"
	"sshforum/forum/storetest"
)

// TestCheckFinds breaks one thing at a time.
func TestCheckFinds(t *testing.T) {
	id := func(seq uint64) forum.MessageID { return forum.MessageID{Thread: 1, Seq: seq} }
	for name, test := range map[string]struct {
		damage func(tx *tx)
		want   string
	}{
		"nothing":                   {func(*tx) {}, ""},
		"user id above the last":    {func(tx *tx) { tx.putUint(metaBucket, []byte(lastUserKey), 1) }, "user 2: the last id"},
		"name missing":              {func(tx *tx) { tx.drop(namesBucket, []byte("luke")) }, "user 2: the name"},
		"name of another":           {func(tx *tx) { tx.putUint(namesBucket, []byte("luke"), 1) }, "user 2: the name"},
		"skeleton missing":          {func(tx *tx) { tx.drop(skeletonsBucket, []byte("luke")) }, "user 2: what looks like"},
		"skeleton of nobody":        {func(tx *tx) { tx.putUint(skeletonsBucket, []byte("han"), 9) }, "skeletons has 3 keys"},
		"name of nobody":            {func(tx *tx) { tx.putUint(namesBucket, []byte("han"), 9) }, "names has 3 keys"},
		"texts miscounted":          {func(tx *tx) { tx.countText(1, 5) }, "texts of user 1 have"},
		"texts not counted":         {func(tx *tx) { tx.drop(textsBucket, userKey(1)) }, "texts has 0 keys, not 1"},
		"texts of nobody":           {func(tx *tx) { tx.countText(9, 5) }, "texts of user 9 have 0 bytes, not 5"},
		"password of nobody":        {func(tx *tx) { tx.SetPassword(9, "phc") }, "passwords 0000000000000009: no such user"},
		"keys unreadable":           {func(tx *tx) { tx.put(keysBucket, userKey(1), []byte{0xff}) }, "keys 0000000000000001: "},
		"preferences unreadable":    {func(tx *tx) { tx.put(preferencesBucket, userKey(1), []byte{0xff}) }, "preferences 0000000000000001: "},
		"erasure of nobody":         {func(tx *tx) { tx.PutErasure(forum.Erasure{User: 9}) }, "erasures 0000000000000009: no such user"},
		"erasure unreadable":        {func(tx *tx) { tx.put(erasuresBucket, userKey(1), []byte{0xff}) }, "erasures 0000000000000001: "},
		"held name malformed":       {func(tx *tx) { tx.put(heldNamesBucket, []byte("x"), presentValue) }, "held_names 78: malformed"},
		"blob of nothing":           {func(tx *tx) { tx.put(blobsBucket, make([]byte, 16), presentValue) }, "blobs has 1 keys, not 0"},
		"inline content of nothing": {func(tx *tx) { tx.PutInline(forum.BlobID{7}, []byte("x")) }, "inline has 1 keys, not 0"},
		"history of nobody":         {func(tx *tx) { tx.SetCommandHistory(9, []string{"LST"}) }, "command_history 0000000000000009"},
		"thread id above the last":  {func(tx *tx) { tx.putUint(metaBucket, []byte(lastThreadKey), 1) }, "the last id given out is 1"},
		"activity missing":          {func(tx *tx) { t, _ := tx.Thread(1); tx.drop(activityBucket, activityKey(t)) }, "activity lacks"},
		"activity of no thread": {func(tx *tx) {
			tx.put(activityBucket, activityKey(forum.Thread{ID: 9}), presentValue)
		}, "activity has 3 keys, not 2"},
		"backlog of nobody":  {func(tx *tx) { tx.SetBacklog(9, []forum.LeveledThread{{Thread: 1, Level: forum.Normal}}) }, "is malformed or nobody's"},
		"backlog of nothing": {func(tx *tx) { tx.SetBacklog(1, []forum.LeveledThread{{Thread: 9, Level: forum.Normal}}) }, "backlog of user 1: thread 9 does not exist"},
		"backlog malformed":  {func(tx *tx) { tx.put(backlogBucket, blockKey(1, 0), []byte{1, 0}) }, "is malformed or nobody's"},
		"level missing": {func(tx *tx) {
			tx.SetInterest(1, 1, forum.Interest{Level: forum.Watched})
			tx.setLevels(levelsBucket, 1, []forum.LeveledThread{{Thread: 1}})
		}, "interest of user 1 in thread 1: listed with the level normal"},
		"level of nothing":          {func(tx *tx) { tx.setLevels(levelsBucket, 1, []forum.LeveledThread{{Thread: 1, Level: forum.Muted}}) }, "levels has 1 threads, not 0"},
		"horizon of nobody":         {func(tx *tx) { tx.SetHorizon(9, tx.Time()) }, "horizons 0000000000000009: no such user"},
		"horizon in the future":     {func(tx *tx) { tx.SetHorizon(1, tx.Time().Add(1)) }, "horizon 0000000000000001 is malformed or in the future"},
		"title missing":             {func(tx *tx) { tx.drop(titlesBucket, []byte("3331")) }, "thread 1: the title"},
		"title of no thread":        {func(tx *tx) { tx.putUint(titlesBucket, []byte("gone"), 2) }, "titles has 2 keys"},
		"removed title missing":     {func(tx *tx) { t, _ := tx.Thread(2); tx.drop(removedTitlesBucket, removedTitleKey(t)) }, "removed_titles lacks"},
		"removal of thread missing": {func(tx *tx) { dropRemoval(tx, 2, 0) }, "removals lacks"},
		"removal missing":           {func(tx *tx) { dropRemoval(tx, 1, 4) }, "removals lacks"},
		"removal of nothing":        {func(tx *tx) { tx.put(removalsBucket, removalKey(tx.Time(), id(9)), presentValue) }, "removals has 3 keys"},
		"message missing":           {func(tx *tx) { tx.drop(messagesBucket, messageKey(id(2))) }, "thread 1 has 2 messages, not 3"},
		"message unnumbered":        {func(tx *tx) { tx.removePosition(id(2)) }, "numbers from 0 do not agree"},
		"number of a deleted one":   {func(tx *tx) { tx.insertPosition(id(4)) }, "numbers from 0 do not agree"},
		"tree missing":              {func(tx *tx) { tx.drop(positionsBucket, nodeKey(1, 0, 0)) }, "0 of 0 nodes lead to its messages, 1 are missing"},
		"tree too high":             {func(tx *tx) { tx.put(positionsBucket, nodeKey(1, 1, 0), []byte{0, 0, 0, 2}) }, "level 1 counts 2 below 0, not 3"},
		"node astray":               {func(tx *tx) { tx.put(positionsBucket, nodeKey(1, 0, 9), []byte{1}) }, "1 of 2 nodes"},
		"node of no thread":         {func(tx *tx) { tx.put(positionsBucket, nodeKey(9, 0, 0), []byte{1}) }, "positions has 2 keys, not 1"},
		"wrong count":               {func(tx *tx) { t, _ := tx.Thread(1); t.Messages++; tx.PutThread(t) }, "thread 1 has 3 messages, not 4"},
		"message above the last":    {func(tx *tx) { t, _ := tx.Thread(1); t.Last = 2; tx.PutThread(t) }, "message 1.3 is deleted or above"},
		"message of no thread": {func(tx *tx) {
			store(tx, messagesBucket, messageKey(forum.MessageID{Thread: 9, Seq: 1}), messageRow{Text: "x"})
		}, "messages has 4 keys, not 3"},
		"message unreadable":     {func(tx *tx) { tx.put(messagesBucket, messageKey(id(1)), []byte{0xff}) }, "messages 00000000000000010000000000000001: "},
		"deleted unreadable":     {func(tx *tx) { tx.put(deletedBucket, messageKey(id(4)), []byte{0xff}) }, "deleted 00000000000000010000000000000004"},
		"deleted and not":        {func(tx *tx) { store(tx, deletedBucket, messageKey(id(1)), messageRow{RemovedAt: 1}) }, "deleted message 1.1 is not deleted"},
		"edit missing":           {func(tx *tx) { tx.drop(editsBucket, editKey(id(1), 1)) }, "message 1.1 does not have 2 earlier versions"},
		"edit of no message":     {func(tx *tx) { tx.AddEdit(id(9), forum.Edit{Text: "x"}) }, "edits has 3 keys, not 2"},
		"edit too many":          {func(tx *tx) { tx.AddEdit(id(1), forum.Edit{Text: "x"}) }, "message 1.1 does not have 2"},
		"event in the future":    {func(tx *tx) { tx.addEvent(forum.Event{Seq: 99, At: tx.Time(), Kind: "x"}) }, "event 99 is not from 1"},
		"event before its time":  {func(tx *tx) { tx.addEvent(forum.Event{Seq: 5, Kind: "x"}) }, "event 5 is out of order"},
		"events from the future": {func(tx *tx) { tx.putUint(metaBucket, []byte(eventsFromKey), 99) }, "events are kept from 99"},
		"interest of nobody":     {func(tx *tx) { tx.SetInterest(9, 1, forum.Interest{Level: forum.Watched}) }, "interest of user 9 in thread 1: no such"},
		"interest in nothing":    {func(tx *tx) { tx.SetInterest(1, 9, forum.Interest{Level: forum.Watched}) }, "interest of user 1 in thread 9: no such"},
		"read above the last":    {func(tx *tx) { tx.SetInterest(1, 1, forum.Interest{Read: forum.Marks{Upto: 5}}) }, "Upto:5 Spans:[]} of 4 entries"},
		"spans out of order": {func(tx *tx) {
			tx.SetInterest(1, 1, forum.Interest{Read: forum.Marks{Upto: 2, Spans: []forum.Span{{From: 3, To: 3}}}})
		}, "of 4 entries"},
		"mention missing": {func(tx *tx) {
			mentionIn(tx, id(2))
			tx.drop(mentionsBucket, mentionKey(2, forum.Message{ID: id(2), Posted: tx.Time()}))
		}, "mentions lacks"},
		"mention of nothing":       {func(tx *tx) { tx.put(mentionsBucket, mentionKey(2, forum.Message{ID: id(2)}), presentValue) }, "mentions has 1 keys, not 0"},
		"interest unreadable":      {func(tx *tx) { tx.put(interestsBucket, interestKey(1, 1), []byte{0xff}) }, "interests 00000000000000010000000000000001"},
		"journal malformed":        {func(tx *tx) { tx.put(metaBucket, []byte(journalKey), []byte{1}) }, "meta 6a6f75726e616c: malformed"},
		"index of another version": {func(tx *tx) { tx.putUint(metaBucket, []byte(indexVersionKey), 9) }, "the index has version 9, not 1"},
		"index block too many":     {func(tx *tx) { tx.put(indexBucket, indexKey(9, 1), presentValue) }, "index has 1 keys, not 0"},
		"document missing":         {func(tx *tx) { tx.drop(openDocumentsBucket, uintKey(1024)) }, "message 1.1 is not document 1024 of the index"},
		"document of another": {func(tx *tx) {
			tx.put(openDocumentsBucket, uintKey(1025), newTable([]document{{id: id(1), author: 1}}))
		}, "message 1.2 is not document 1025"},
		"document in the future": {func(tx *tx) { tx.put(openDocumentsBucket, uintKey(1030), newTable(make([]document, 1))) }, "open document 1030 is not below 1028"},
		"document malformed":     {func(tx *tx) { tx.put(openDocumentsBucket, uintKey(1024), nil) }, "open_documents 0000000000000400: malformed"},
		"audit entry rewritten": {func(tx *tx) {
			e := entry(tx, 1)
			e.Reason = "none"
			store(tx, auditBucket, uintKey(1), newAuditRow(e))
		}, "audit entry 1 does not follow entry 0"},
		"audit entry missing":      {func(tx *tx) { tx.drop(auditBucket, uintKey(1)) }, "audit entry 2 does not follow entry 0"},
		"audit entry unreadable":   {func(tx *tx) { tx.put(auditBucket, uintKey(2), []byte{0xff}) }, "audit 0000000000000002: "},
		"banned network malformed": {func(tx *tx) { tx.put(bannedNetworksBucket, []byte{4, 1, 2, 3, 4, 8}, []byte{0xa0}) }, "banned_networks 040102030408: malformed"},
		"banned since never":       {func(tx *tx) { tx.put(bannedNetworksBucket, []byte{4, 1, 0, 0, 0, 8}, []byte{0xa0}) }, "the ban of 1.0.0.0/8 has no beginning"},
		"report of nobody":         {func(tx *tx) { tx.PutReport(forum.Report{Object: id(1), By: 9}) }, "the report of 1.1 by user 9 has no reporter"},
		"reporter missing": {func(tx *tx) {
			tx.PutReport(forum.Report{Object: id(1), By: 1})
			tx.drop(reportersBucket, reporterKey(1, id(1)))
		}, "reporters lacks"},
		"named, noted as unnamed": {func(tx *tx) {
			tx.PutContent(forum.Content{Blob: forum.BlobID{7}})
			tx.PutUnnamedBlob(forum.BlobID{7}, 0)
		}, "has a name and is listed as unnamed"},
		"mark missing":  {func(tx *tx) { tx.drop(markBucket, markKey) }, "mark 666f72756d: no mark"},
		"key malformed": {func(tx *tx) { tx.put(usersBucket, []byte("x"), nil) }, "users 78: malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			db := openOrMake(t, t.TempDir(), Options{})
			defer db.Close()
			do(t, db,
				storetest.AddUser("yoda"), storetest.AddUser("luke"),
				storetest.AddThread("3331"), storetest.AddThread("9331"),
				storetest.Post(1, 1, "a"), storetest.Post(1, 1, "b"), storetest.Post(1, 1, "c"), storetest.Post(1, 1, "d"),
				storetest.Edit(id(1), "a2"), storetest.Edit(id(1), "a3"), storetest.Delete(id(4)), storetest.RemoveThread(2),
				storetest.Audit(forum.AuditEntry{Act: "message.delete", Reason: "spam"}), storetest.Audit(forum.AuditEntry{Act: "thread.remove"}),
			)
			damage(t, db, test.damage)
			switch err := db.Check(); {
			case test.want == "" && err != nil:
				t.Errorf("Check found in a sound store: %v", err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("Check: %v, want %q", err, test.want)
			}
		})
	}
}

func entry(tx *tx, n uint64) (e forum.AuditEntry) {
	for e = range tx.Audit(n - 1) {
		break
	}
	return e
}

func mentionIn(tx *tx, id forum.MessageID) {
	m, _ := tx.Message(id)
	m.Mentions = []forum.UserID{2}
	tx.PutMessage(m)
}

func dropRemoval(tx *tx, thread forum.ThreadID, seq uint64) {
	tx.drop(removalsBucket, removalKey(tx.Time(), forum.MessageID{Thread: thread, Seq: seq}))
}
