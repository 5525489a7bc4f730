package rules

import "sshforum/forum/limit"

// ChangeKinds returns the kinds of changes there are, each with the activity whose pace it is subject to.
func ChangeKinds() map[string]limit.Activity {
	kinds := make(map[string]limit.Activity)
	for name, k := range changeKinds.byName {
		kinds[name] = k.activity
	}
	return kinds
}
