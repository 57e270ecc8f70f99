// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRootCourt} from "../../rewards/IRootCourt.sol";
import {Economy} from "./Economy.sol";
import {Tree} from "./Tree.sol";

/// Epochs of the real court, with their words at hand.
abstract contract Sheets is Economy {
    using Tree for bytes32[];

    address internal constant CHALLENGER = address(0xC4);
    uint256 internal constant FUNDED_WEI = 1e24;
    address internal constant LOWEST = address(0x1000_00000000);
    address internal constant MIDDLE = address(0x2000_00000000);
    address internal constant HIGHEST = address(0x3000_00000000);

    function setUp() public virtual override {
        super.setUp();
        vault.fund(FUNDED_WEI, "test");
        address[3] memory bonded = [PROPOSER, CHALLENGER, STRANGER];
        for (uint256 i; i < 3; ++i) {
            token.transfer(bonded[i], 1e9);
            vm.prank(bonded[i]);
            token.approve(address(court), type(uint256).max);
        }
    }

    /// Words of three accounts; an amount of 0 leaves its account out.
    function sheet(uint256 number, uint256 low, uint256 middle, uint256 high) internal pure returns (bytes32[] memory) {
        uint256 count = (low == 0 ? 0 : 1) + (middle == 0 ? 0 : 1) + (high == 0 ? 0 : 1);
        address[] memory accounts = new address[](count);
        uint256[] memory amounts = new uint256[](count);
        if (high != 0) (accounts[--count], amounts[count]) = (HIGHEST, high);
        if (middle != 0) (accounts[--count], amounts[count]) = (MIDDLE, middle);
        if (low != 0) (accounts[--count], amounts[count]) = (LOWEST, low);
        return Tree.sheet(number, accounts, amounts);
    }

    function proposal(bytes32[] memory words) internal view returns (IRootCourt.Proposal memory) {
        uint128 totalWei;
        for (uint256 i; i < words.length; ++i) {
            address account = address(uint160(uint256(words[i]) >> 96));
            if (account != address(0) && account != address(type(uint160).max)) totalWei += uint96(uint256(words[i]));
        }
        return IRootCourt.Proposal(words.root(), "data", "engine", totalWei, uint64(block.number - 1), "block");
    }

    function propose(bytes32[] memory words) internal returns (uint256 number) {
        vm.roll(block.number + 1);
        IRootCourt.Proposal memory proposed = proposal(words);
        vm.prank(PROPOSER);
        return court.propose(proposed);
    }

    /// A root that pays 100 to the lowest, 200 to the middle, 300 to the highest, live.
    function openFirst() internal returns (bytes32[] memory words) {
        words = sheet(court.nextEpoch(), 100, 200, 300);
        propose(words);
        vm.warp(block.timestamp + WINDOW);
    }

    function challenge(uint256 number) internal {
        vm.prank(CHALLENGER);
        court.challenge(number, "reason");
    }

    function resolve(uint256 number, bool upheld) internal {
        vm.prank(GOVERNOR);
        court.resolve(number, upheld);
    }

    function statusOf(uint256 number) internal view returns (uint256) {
        return uint256(court.epoch(number).status);
    }

    function wrongStatus(uint256 number, IRootCourt.Status status) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IRootCourt.CourtWrongStatus.selector, number, status);
    }
}
