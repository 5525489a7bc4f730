package storage

import (
	"encoding/binary"
	"math/bits"
	"slices"

	"sshforum/forum"
)

// positions converts the numbers of one thread's messages to their Seqs and back.
//
// It is a radix tree over Seq with a fan-out of 256. Node i of level 0 is a bitmap of Seqs
// 256*i to 256*i+255: a set bit is a message that has a number. Node i of level k > 0 counts
// the set bits below each of its children, nodes 256*i to 256*i+255 of level k-1, in 4 bytes
// each. Both are cut off behind the last bit or child that was ever used, and a tree is only as
// high as its highest Seq needs. The node keys of a thread sort from the root down, so its
// first key gives the height.
type positions struct {
	r      *reader
	thread forum.ThreadID
}

const countSize = 4

// levelOf returns the height of a tree that holds seq.
func levelOf(seq uint64) (level int) {
	for seq >>= 8; seq > 0; seq >>= 8 {
		level++
	}
	return level
}

// place returns the index of the node of a level that holds seq, and the index of the bit or
// child in that node.
func place(seq uint64, level int) (index uint64, child int) {
	shifted := seq >> (8 * level)
	return shifted >> 8, int(shifted & 0xff)
}

// height returns the level of the root, or -1 if the thread has no tree.
func (p positions) height() int {
	level := -1
	prefix := threadKey(p.thread)
	p.r.scan(positionsBucket, prefix, prefix, func(k, _ []byte) bool {
		_, l, _, ok := parseNodeKey(k)
		if !ok || l > 7 {
			p.r.fail(positionsBucket, k, errMalformed)
			return false
		}
		level = int(l)
		return false
	})
	return level
}

func (p positions) node(level int, index uint64) []byte {
	return p.r.get(positionsBucket, nodeKey(p.thread, uint8(level), index))
}

// at returns the Seq of message number n, counted from 1.
func (p positions) at(n uint64) (seq uint64, ok bool) {
	if n == 0 {
		return 0, false
	}
	index := uint64(0)
	for level := p.height(); level > 0; level-- {
		child, before := findCount(p.node(level, index), n)
		if child < 0 {
			return 0, false
		}
		n -= before
		index = index<<8 | uint64(child)
	}
	bit := findBit(p.node(0, index), n)
	if bit < 0 {
		return 0, false
	}
	return index<<8 | uint64(bit), true
}

// number returns the number of the message seq.
func (p positions) number(seq uint64) (n uint64, ok bool) {
	index, bit := place(seq, 0)
	leaf := p.node(0, index)
	if !hasBit(leaf, bit) {
		return 0, false
	}
	return p.rank(seq), true
}

// rank counts the messages that have a number and a Seq up to seq.
func (p positions) rank(seq uint64) (n uint64) {
	height := p.height()
	if height < levelOf(seq) {
		return p.total(height)
	}
	index, bit := place(seq, 0)
	n = uint64(countBits(p.node(0, index), bit+1))
	for level := 1; level <= height; level++ {
		index, child := place(seq, level)
		n += sumCounts(p.node(level, index), child)
	}
	return n
}

// insertPosition gives a message its number.
func (t *tx) insertPosition(id forum.MessageID) {
	p := positions{&t.reader, id.Thread}
	height := p.height()
	for ; height >= 0 && height < levelOf(id.Seq); height++ {
		t.putNode(p, height+1, 0, addCount(nil, 0, int(p.total(height))))
	}
	height = max(height, levelOf(id.Seq))
	index, bit := place(id.Seq, 0)
	leaf := p.node(0, index)
	if hasBit(leaf, bit) {
		return
	}
	t.putNode(p, 0, index, flipBit(leaf, bit))
	t.addToCounts(p, height, id.Seq, 1)
}

// removePosition takes the number of a message away. Later messages move up.
func (t *tx) removePosition(id forum.MessageID) {
	p := positions{&t.reader, id.Thread}
	index, bit := place(id.Seq, 0)
	leaf := p.node(0, index)
	if !hasBit(leaf, bit) {
		return
	}
	t.putNode(p, 0, index, flipBit(leaf, bit))
	t.addToCounts(p, p.height(), id.Seq, -1)
}

// addToCounts adds delta to the counts above a changed bit.
func (t *tx) addToCounts(p positions, height int, seq uint64, delta int) {
	for level := 1; level <= height; level++ {
		index, child := place(seq, level)
		t.putNode(p, level, index, addCount(p.node(level, index), child, delta))
	}
}

func (t *tx) putNode(p positions, level int, index uint64, node []byte) {
	t.put(positionsBucket, nodeKey(p.thread, uint8(level), index), node)
}

// total counts all set bits of a tree with that height.
func (p positions) total(height int) uint64 {
	if height < 0 {
		return 0
	}
	root := p.node(height, 0)
	if height == 0 {
		return uint64(countBits(root, 256))
	}
	return sumCounts(root, 256)
}

func hasBit(leaf []byte, bit int) bool {
	return bit/8 < len(leaf) && leaf[bit/8]>>(bit%8)&1 == 1
}

// flipBit returns a copy of leaf with bit inverted.
func flipBit(leaf []byte, bit int) []byte {
	flipped := make([]byte, max(len(leaf), bit/8+1))
	copy(flipped, leaf)
	flipped[bit/8] ^= 1 << (bit % 8)
	return flipped
}

// countBits counts the set bits below end.
func countBits(leaf []byte, end int) (n int) {
	for i, b := range leaf {
		if rest := end - 8*i; rest <= 0 {
			break
		} else if rest < 8 {
			b &= 1<<rest - 1
		}
		n += bits.OnesCount8(b)
	}
	return n
}

// findBit returns the nth set bit, or -1.
func findBit(leaf []byte, n uint64) int {
	for i, b := range leaf {
		set := uint64(bits.OnesCount8(b))
		if n > set {
			n -= set
			continue
		}
		for ; n > 1; n-- {
			b &= b - 1
		}
		return 8*i + bits.TrailingZeros8(b)
	}
	return -1
}

func count(node []byte, child int) uint64 {
	return uint64(binary.BigEndian.Uint32(node[child*countSize:]))
}

// sumCounts adds up the counts of the children before end.
func sumCounts(node []byte, end int) (n uint64) {
	for child := range min(end, len(node)/countSize) {
		n += count(node, child)
	}
	return n
}

// findCount returns the child that holds the nth set bit below node, or -1, and the number of
// set bits before that child.
func findCount(node []byte, n uint64) (child int, before uint64) {
	for child := range len(node) / countSize {
		c := count(node, child)
		if before+c >= n {
			return child, before
		}
		before += c
	}
	return -1, before
}

// addCount returns a copy of node with delta added to the count of child.
func addCount(node []byte, child, delta int) []byte {
	sum := slices.Grow([]byte(nil), max(len(node), (child+1)*countSize))
	sum = append(sum, node...)
	for len(sum) < (child+1)*countSize {
		sum = append(sum, 0)
	}
	at := sum[child*countSize:]
	binary.BigEndian.PutUint32(at, binary.BigEndian.Uint32(at)+uint32(delta))
	return sum
}
