// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IGuarded} from "../governance/IGuarded.sol";
import {IRewardDrip} from "../rewards/IRewardDrip.sol";
import {Economy, IUpgradeable} from "./support/Economy.sol";
import {Invariants} from "./support/Invariants.sol";

abstract contract Drips is Economy {
    uint128 internal constant PER_DAY = 1_000;
    uint128 internal constant BURST = 300;

    IRewardDrip internal drip;

    function setUp() public virtual override {
        super.setUp();
        drip = newDrip(PER_DAY, BURST);
        token.approve(address(drip), type(uint256).max);
    }

    function newDrip(uint128 perDay, uint128 burst) internal returns (IRewardDrip) {
        bytes memory setup = abi.encodeCall(IRewardDrip.initialize, (GOVERNOR, GUARDIAN, perDay, burst));
        return
            IRewardDrip(deployed("ERC1967Proxy", abi.encode(deployed("RewardDrip", abi.encode(token, vault)), setup)));
    }
}

contract RewardDripTest is Drips {
    event DripFunded(address indexed from, bytes32 indexed source, uint256 amountWei);
    event Dripped(uint256 amountWei, uint256 waitingWei);
    event DripSet(uint256 weiPerDay, uint256 burstWei);

    function nothing(uint256 waitingWei, uint256 allowanceWei) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IRewardDrip.DripNothing.selector, waitingWei, allowanceWei);
    }

    function test_MoneyWithinTheBurstGoesToTheVaultAtOnce() public {
        vm.expectEmit(address(drip));
        emit DripFunded(address(this), "inference", 200);
        vm.expectEmit(address(drip));
        emit Dripped(200, 0);
        drip.fund(200, "inference");
        equal(vault.funded(), 200, "vault");
        equal(drip.allowanceWei(), 100, "left in the bucket");
        vm.expectRevert(nothing(0, 100));
        drip.drip();
    }

    function test_WhatIsMoreWaitsAndDrips() public {
        vm.expectEmit(address(drip));
        emit Dripped(300, 700);
        drip.fund(1_000, "inference");
        equal(vault.funded(), 300, "the burst");
        equal(drip.waitingWei(), 700, "waits");
        vm.expectRevert(nothing(700, 0));
        drip.drip();
        drip.fund(50, "more"); // an empty bucket refuses nobody's money
        equal(drip.waitingWei(), 750, "waits");
        vm.warp(block.timestamp + 6 hours);
        equal(drip.allowanceWei(), 250, "a quarter of a day");
        vm.prank(STRANGER);
        equal(drip.drip(), 250, "dripped");
        vm.warp(block.timestamp + 10 days);
        equal(drip.allowanceWei(), BURST, "no more than the burst, however long");
        drip.drip();
        equal(vault.funded(), 850, "vault");
        equal(drip.waitingWei(), 200, "waits");
    }

    function test_NothingIsNoMoneyAndMoneyNeedsLeave() public {
        vm.expectRevert(IRewardDrip.DripZeroAmount.selector);
        drip.fund(0, "none");
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(drip), 0, 1));
        drip.fund(1, "none");
    }

    function test_GovernanceSetsTheDripWithinBounds() public {
        uint128 most = 10_000_000e18;
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IUpgradeable.OwnableUnauthorizedAccount.selector, STRANGER));
        drip.setDrip(1, 1);
        uint128[2][4] memory wrong = [[uint128(0), 1], [uint128(1), 0], [most + 1, 1], [1, most + 1]];
        for (uint256 i; i < 4; ++i) {
            vm.prank(GOVERNOR);
            vm.expectRevert(abi.encodeWithSelector(IRewardDrip.DripOutOfRange.selector, wrong[i][0], wrong[i][1]));
            drip.setDrip(wrong[i][0], wrong[i][1]);
        }
        drip.fund(300, "inference");
        vm.warp(block.timestamp + 6 hours);
        vm.prank(GOVERNOR);
        vm.expectEmit(address(drip));
        emit DripSet(most, most);
        drip.setDrip(most, most);
        equal(drip.allowanceWei(), 250, "what the old rate had filled");
        vm.prank(GOVERNOR);
        drip.setDrip(PER_DAY, 40);
        equal(drip.allowanceWei(), 40, "as far as it fits");
        equal(drip.weiPerDay(), PER_DAY, "rate");
        equal(drip.burstWei(), 40, "burst");
    }

    function test_APauseStopsTheDripAndRefusesNobodysMoney() public {
        vm.prank(GUARDIAN);
        IGuarded(address(drip)).pause();
        drip.fund(200, "inference");
        equal(drip.waitingWei(), 200, "waits");
        equal(vault.funded(), 0, "vault");
        vm.expectRevert(IGuarded.GuardedPaused.selector);
        drip.drip();
    }

    function test_ADripWithoutItsPartsOrTwiceIsRefused() public {
        vm.expectRevert(IRewardDrip.DripZeroAddress.selector);
        this.deployWith(address(0), address(vault));
        vm.expectRevert(IRewardDrip.DripZeroAddress.selector);
        this.deployWith(address(token), address(0));
        vm.expectRevert(IUpgradeable.InvalidInitialization.selector);
        drip.initialize(STRANGER, STRANGER, 1, 1);
        vm.expectRevert(abi.encodeWithSelector(IRewardDrip.DripOutOfRange.selector, 0, 1));
        this.dripOf(0, 1);
    }

    function deployWith(address token_, address vault_) external {
        deployed("RewardDrip", abi.encode(token_, vault_));
    }

    function dripOf(uint128 perDay, uint128 burst) external {
        newDrip(perDay, burst);
    }

    function test_TheEscrowsContributorsPoolDripsIntoTheVault() public {
        // What a thief of the vault's keys to every root could take is what it holds, and no more.
        drip.fund(10_000, "inference");
        equal(token.balanceOf(address(vault)), BURST, "at risk");
        vm.warp(block.timestamp + 1 days);
        drip.drip();
        equal(token.balanceOf(address(vault)), 2 * BURST, "a day later");
    }
}

contract DripHandler is Drips {
    uint256 public fundedWei;
    uint256 public startedAt;
    uint256 public highestRate = PER_DAY;
    uint256 public bursts = BURST;

    function start() external {
        setUp();
        startedAt = block.timestamp;
    }

    function fund(uint256 amountWei) external {
        amountWei = bound(amountWei, 1, 5_000);
        drip.fund(amountWei, "any");
        fundedWei += amountWei;
    }

    function draw() external {
        bool due = drip.waitingWei() != 0 && drip.allowanceWei() != 0;
        try drip.drip() {
            require(due, "dripped nothing");
        } catch {
            require(!due, "the drip is stuck");
        }
    }

    function set(uint128 perDay, uint128 burst) external {
        (perDay, burst) = (uint128(bound(perDay, 1, 5_000)), uint128(bound(burst, 1, 1_000)));
        vm.prank(GOVERNOR);
        drip.setDrip(perDay, burst);
        if (perDay > highestRate) highestRate = perDay;
    }

    function wait_(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 1, 2 days));
    }

    function sums() external view returns (uint256 waitingWei, uint256 vaultWei, uint256 mostWei) {
        uint256 elapsed = block.timestamp - startedAt;
        return (drip.waitingWei(), vault.funded(), bursts + (highestRate * elapsed) / 1 days);
    }
}

contract DripInvariants is Invariants {
    DripHandler internal handler;

    function setUp() public {
        handler = new DripHandler();
        handler.start();
        bytes4[] memory selectors = new bytes4[](4);
        selectors[0] = DripHandler.fund.selector;
        selectors[1] = DripHandler.draw.selector;
        selectors[2] = DripHandler.set.selector;
        selectors[3] = DripHandler.wait_.selector;
        target(address(handler), selectors);
    }

    function invariant_WhatWasBroughtWaitsOrIsInTheVault() public view {
        (uint256 waitingWei, uint256 vaultWei, ) = handler.sums();
        equal(waitingWei + vaultWei, handler.fundedWei(), "brought");
    }

    function invariant_NoMoreDripsThanBurstAndTimeAllow() public view {
        (, uint256 vaultWei, uint256 mostWei) = handler.sums();
        require(vaultWei <= mostWei, "too fast");
    }
}
