// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Invariants} from "./support/Invariants.sol";
import {Sheets} from "./support/Sheets.sol";
import {Tree} from "./support/Tree.sol";

/// Four accounts that take ids at random times; honest roots name those that have one by it. Everybody is credited, collects and
/// claims by any word of any epoch, in any order.
contract IdsHandler is Sheets {
    using Tree for bytes32[];

    address[4] internal people = [
        address(0x1000_00000000),
        address(0x2000_00000000),
        address(0x3000_00000000),
        address(0x4000_00000000)
    ];

    uint256[4] public owedWei;
    uint256 public paidWei;
    bytes32[][] internal sheets;

    function start() external {
        setUp();
    }

    function register(uint256 who) external {
        address account = people[who % 4];
        if (vault.idOf(account) != 0) return;
        vm.prank(account);
        uint256 id = vault.register();
        equal(vault.holderOf(id), account, "holder");
    }

    /// An honest root: everybody is owed some more, under the id if there is one.
    function open(uint256 seed) external {
        address[] memory keys = new address[](4);
        uint256[] memory amounts = new uint256[](4);
        uint256 count;
        for (uint256 id = 1; id <= vault.lastId(); ++id) {
            uint256 who = _indexOf(vault.holderOf(id));
            owedWei[who] += 1 + (uint256(keccak256(abi.encode(seed, who))) % 1e18);
            (keys[count], amounts[count]) = (address(uint160(id)), owedWei[who]);
            ++count;
        }
        for (uint256 who; who < 4; ++who) {
            if (vault.idOf(people[who]) != 0) continue;
            owedWei[who] += 1 + (uint256(keccak256(abi.encode(seed, who))) % 1e18);
            (keys[count], amounts[count]) = (people[who], owedWei[who]);
            ++count;
        }
        bytes32[] memory words = Tree.sheet(court.nextEpoch(), keys, amounts);
        propose(words);
        vm.warp(block.timestamp + WINDOW);
        sheets.push(words);
    }

    function credit(uint256 seed, uint256 from) external {
        if (sheets.length == 0) return;
        bytes32[] memory words = sheets[seed % sheets.length];
        from = (from % 4) * 2;
        vault.creditSubtree(words.slice(from, 2), from / 2, words.proof(from / 2, 1));
    }

    function collect(uint256 who) external {
        address account = people[who % 4];
        uint256 id = vault.idOf(account);
        bool due = id != 0 && vault.creditedOf(id) > vault.claimedOf(account);
        try vault.collect(id) returns (uint256 amountWei) {
            require(due, "nothing was due");
            paidWei += amountWei;
        } catch {
            require(!due, "what was due was refused");
        }
    }

    function claim(uint256 seed, uint256 index) external {
        if (sheets.length == 0) return;
        bytes32[] memory words = sheets[seed % sheets.length];
        index = bound(index, 1, 4);
        try vault.claim(words[index], index, words.proof(index)) returns (uint256 amountWei) {
            paidWei += amountWei;
        } catch {}
    }

    function _indexOf(address account) internal view returns (uint256 who) {
        while (people[who] != account) ++who;
    }

    function sums() external view returns (uint256 heldWei, uint256 fundedWei, uint256 claimedWei) {
        for (uint256 who; who < 4; ++who) claimedWei += vault.claimedOf(people[who]);
        return (token.balanceOf(address(vault)), vault.funded(), claimedWei);
    }

    function checkNobodyIsOverpaid() external view {
        for (uint256 who; who < 4; ++who) {
            require(vault.claimedOf(people[who]) <= owedWei[who], "paid more than owed");
            require(token.balanceOf(people[who]) == vault.claimedOf(people[who]), "booked is not what arrived");
            uint256 id = vault.idOf(people[who]);
            if (id != 0) require(vault.creditedOf(id) <= owedWei[who], "credited more than owed");
        }
    }
}

contract RewardIdsInvariants is Invariants {
    IdsHandler internal handler;

    function setUp() public {
        handler = new IdsHandler();
        handler.start();
        bytes4[] memory selectors = new bytes4[](5);
        selectors[0] = IdsHandler.register.selector;
        selectors[1] = IdsHandler.open.selector;
        selectors[2] = IdsHandler.credit.selector;
        selectors[3] = IdsHandler.collect.selector;
        selectors[4] = IdsHandler.claim.selector;
        target(address(handler), selectors);
    }

    function invariant_NobodyIsPaidOrCreditedMoreThanOwed() public view {
        handler.checkNobodyIsOverpaid();
    }

    function invariant_CreditsMoveNoMoney() public view {
        (uint256 heldWei, uint256 fundedWei, uint256 claimedWei) = handler.sums();
        equal(fundedWei - heldWei, handler.paidWei(), "paid");
        equal(claimedWei, handler.paidWei(), "booked");
    }
}
