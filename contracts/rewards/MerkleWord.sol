// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The leaves of a rewards tree
/// @notice A word is account (160 bits) ‖ cumulative wei (96 bits). A leaf is keccak256(word), a node keccak256(left ‖ right)
/// by index, and the tree is padded with zero words to a power of two.
/// @dev A leaf hashes 32 bytes and a node 64, so a node can never be passed off as a leaf (second preimage). Pairs are not
/// sorted: the index is part of what is proven, and two neighbours prove that nothing lies between them.
/// Words ascend by account. The first is the low sentinel, account 0 with the epoch's number, which makes the roots of
/// two epochs differ even if they owe the same; the last before the padding is the high sentinel, account 0xff…ff with 0.
library MerkleWord {
    /// @notice What closes the list of accounts.
    bytes32 internal constant HIGH_SENTINEL = bytes32(uint256(type(uint160).max) << 96);
    /// @notice A word whose account is at most this names an id that the vault gave, not an address. No key that anybody could
    /// find has an address so small, and ids ascend from 1, so their words are neighbours at the beginning of the tree.
    uint256 internal constant MAX_ID = type(uint32).max;

    /// @notice The index lies outside the tree that the proof spans, or a subtree is not of 2^k words.
    error MerkleWordBadIndex(uint256 index, uint256 length);

    /// @notice The word that opens the list of accounts of epoch `number`.
    function lowSentinel(uint256 number) internal pure returns (bytes32) {
        return bytes32(number);
    }

    /// @notice Whether the word belongs to no account: a sentinel, padding, or something made to look like one.
    function isSentinel(bytes32 word) internal pure returns (bool) {
        address holder = account(word);
        return holder == address(0) || holder == address(type(uint160).max);
    }

    /// @notice Root that this word at this index yields.
    function fold(bytes32 word, uint256 index, bytes32[] calldata proof) internal pure returns (bytes32) {
        return climb(_leaf(word), index, proof);
    }

    /// @notice Root above the node with hash `node` at `index` of its level.
    function climb(bytes32 node, uint256 index, bytes32[] calldata proof) internal pure returns (bytes32) {
        // Exactly one index per leaf: bits above the proof would be ignored by the loop, and make a second name for it.
        // A shift by 256 or more yields 0, so any longer proof passes, and then leads to no root that anybody proposed.
        require(index >> proof.length == 0, MerkleWordBadIndex(index, proof.length));
        assembly ("memory-safe") {
            // Bit 5 of `side` says which half of the scratch space is ours: a node with an odd index is the right one.
            let side := shl(5, index)
            let sibling := proof.offset
            let end := add(sibling, shl(5, proof.length))
            if and(proof.length, 1) {
                let ours := and(side, 32)
                mstore(ours, node)
                mstore(xor(ours, 32), calldataload(sibling))
                node := keccak256(0, 64)
                side := shr(1, side)
                sibling := add(sibling, 32)
            }
            // Two levels a turn: what a turn itself costs is a sixth of the hashing.
            for {} lt(sibling, end) {
                sibling := add(sibling, 64)
            } {
                let ours := and(side, 32)
                mstore(ours, node)
                mstore(xor(ours, 32), calldataload(sibling))
                node := keccak256(0, 64)
                ours := and(shr(1, side), 32)
                mstore(ours, node)
                mstore(xor(ours, 32), calldataload(add(sibling, 32)))
                node := keccak256(0, 64)
                side := shr(2, side)
            }
        }
        return node;
    }

    /// @notice Root of an aligned subtree of 2^k words.
    function subroot(bytes32[] calldata words) internal pure returns (bytes32 root) {
        uint256 length = words.length;
        require(length != 0 && length & (length - 1) == 0, MerkleWordBadIndex(0, length));
        if (length == 1) return _leaf(words[0]);
        assembly ("memory-safe") {
            // Above the free pointer, which is not moved: this memory is not kept.
            let level := mload(0x40)
            let width := shr(1, length)
            let word := words.offset
            // Leaves and the nodes above them in one go: a turn of a loop costs as much as a hash.
            for {
                let slot := level
                let end := add(level, shl(5, width))
            } lt(slot, end) {
                slot := add(slot, 32)
            } {
                mstore(0, calldataload(add(word, 32)))
                mstore(32, keccak256(0, 32))
                mstore(0, calldataload(word))
                mstore(0, keccak256(0, 32))
                mstore(slot, keccak256(0, 64))
                word := add(word, 64)
            }
            for {
                width := shr(1, width)
            } width {
                width := shr(1, width)
            } {
                let pair := level
                for {
                    let slot := level
                    let end := add(level, shl(5, width))
                } lt(slot, end) {
                    slot := add(slot, 32)
                } {
                    mstore(slot, keccak256(pair, 64))
                    pair := add(pair, 64)
                }
            }
            root := mload(level)
        }
    }

    /// @notice Word `i` of a list.
    /// @dev Trusts the caller that `i` is below the length.
    function at(bytes32[] calldata words, uint256 i) internal pure returns (bytes32 word) {
        assembly ("memory-safe") {
            word := calldataload(add(words.offset, shl(5, i)))
        }
    }

    /// @notice The account as a number: an id if it is at most MAX_ID.
    function key(bytes32 word) internal pure returns (uint256) {
        return uint256(word) >> 96;
    }

    /// @notice Whose word it is.
    function account(bytes32 word) internal pure returns (address) {
        return address(uint160(uint256(word) >> 96));
    }

    /// @notice All that the account was ever owed, wei of OPEN.
    function cumulativeWei(bytes32 word) internal pure returns (uint256) {
        return uint96(uint256(word));
    }

    function _leaf(bytes32 word) private pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            mstore(0, word)
            hash := keccak256(0, 32)
        }
    }
}
