// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRootCourt} from "../../rewards/IRootCourt.sol";

/// The rewards tree again, written as plainly as it can be, to compare with what the contracts do in assembly.
library Tree {
    /// account ‖ cumulative wei
    function word(address account, uint256 cumulativeWei) internal pure returns (bytes32) {
        return bytes32(abi.encodePacked(account, uint96(cumulativeWei)));
    }

    function low(uint256 number) internal pure returns (bytes32) {
        return word(address(0), number);
    }

    function high() internal pure returns (bytes32) {
        return word(address(type(uint160).max), 0);
    }

    /// Sentinels around one to six accounts, padded to eight words.
    function sheet(
        uint256 number,
        address[] memory accounts,
        uint256[] memory amounts
    ) internal pure returns (bytes32[] memory words) {
        words = new bytes32[](8);
        words[0] = low(number);
        for (uint256 i; i < accounts.length; ++i) words[i + 1] = word(accounts[i], amounts[i]);
        words[accounts.length + 1] = high();
    }

    function root(bytes32[] memory words) internal pure returns (bytes32) {
        return levels(words, type(uint256).max)[0];
    }

    /// Hashes after `count` rounds of pairing; all rounds, down to one, if there are fewer.
    function levels(bytes32[] memory words, uint256 count) internal pure returns (bytes32[] memory hashes) {
        hashes = new bytes32[](words.length);
        for (uint256 i; i < words.length; ++i) hashes[i] = keccak256(abi.encode(words[i]));
        for (uint256 round; round < count && hashes.length > 1; ++round) {
            bytes32[] memory above = new bytes32[](hashes.length / 2);
            for (uint256 i; i < above.length; ++i) above[i] = keccak256(abi.encode(hashes[2 * i], hashes[2 * i + 1]));
            hashes = above;
        }
    }

    /// Siblings from level `from` up, of the node that holds `index`, an index of that level.
    function proof(
        bytes32[] memory words,
        uint256 index,
        uint256 from
    ) internal pure returns (bytes32[] memory siblings) {
        uint256 depth;
        for (uint256 width = words.length >> from; width > 1; width >>= 1) ++depth;
        siblings = new bytes32[](depth);
        for (uint256 i; i < depth; ++i) {
            siblings[i] = levels(words, from + i)[index ^ 1];
            index >>= 1;
        }
    }

    function proof(bytes32[] memory words, uint256 index) internal pure returns (bytes32[] memory) {
        return proof(words, index, 0);
    }

    function leaf(bytes32[] memory words, uint256 index) internal pure returns (IRootCourt.Leaf memory) {
        return IRootCourt.Leaf(words[index], index, proof(words, index));
    }

    function slice(
        bytes32[] memory words,
        uint256 start,
        uint256 length
    ) internal pure returns (bytes32[] memory part) {
        part = new bytes32[](length);
        for (uint256 i; i < length; ++i) part[i] = words[start + i];
    }
}
