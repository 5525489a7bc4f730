package rules

import (
	"crypto/sha256"

	"sshforum/forum"
)

// skeletonHash returns the hash that reserves the skeleton of an anonymised name, besides its
// nameHash. No name has a NUL, so the two kinds of hashes differ.
func skeletonHash(name string) forum.NameHash {
	return sha256.Sum256([]byte("\x00" + forum.Skeleton(name)))
}

// checkLookalike refuses a name that looks like another account's name. Errors: Invalid.
func checkLookalike(r forum.Reader, name string) error {
	if u, ok := r.UserBySkeleton(forum.Skeleton(name)); ok && forum.NameKey(u.Name) != forum.NameKey(name) {
		return forum.Errorf(forum.Invalid, "The name %s looks like %s, which is taken; choose another.", name, u.Name)
	}
	if r.NameHeld(skeletonHash(name)) {
		return forum.Errorf(forum.Invalid, "The name %s looks like one that was taken; choose another.", name)
	}
	return nil
}
