// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBoundedPrice} from "../gas/IBoundedPrice.sol";
import {Cheats} from "./support/Cheats.sol";

contract BoundedPriceTest is Cheats {
    address internal constant GOVERNOR = address(0x60);
    address internal constant KEEPER = address(0x4e);
    address internal constant STRANGER = address(0x57);
    uint256 internal constant HARD_MIN = 100;
    uint256 internal constant HARD_MAX = 1_000_000;
    uint256 internal constant START = 10_009; // a tenth of it is 1,000, rounded down

    IBoundedPrice internal prices;

    function setUp() public {
        vm.warp(1_000_000);
        prices = IBoundedPrice(
            deployed("BoundedPrice", abi.encode(GOVERNOR, KEEPER, HARD_MIN, HARD_MAX, START, standard()))
        );
    }

    function standard() internal pure returns (IBoundedPrice.Bounds memory) {
        return IBoundedPrice.Bounds(9_500, 11_500, 100_000, 600);
    }

    function update(uint256 openWei) internal {
        vm.prank(KEEPER);
        prices.update(openWei);
    }

    function updateRefused(uint256 openWei, bytes memory reason) internal {
        vm.prank(KEEPER);
        vm.expectRevert(reason);
        prices.update(openWei);
    }

    function priced(uint256 openWei, uint256 time) internal view {
        (uint256 foundWei, uint64 updatedAt) = prices.price();
        equal(foundWei, openWei, "price");
        equal(updatedAt, time, "time");
    }

    function unauthorized() internal pure returns (bytes memory) {
        return abi.encodeWithSignature("OwnableUnauthorizedAccount(address)", STRANGER);
    }

    function test_TheFirstPriceStands() public view {
        priced(START, 1_000_000);
        equal(prices.keeper(), KEEPER, "keeper");
        equal(keccak256(abi.encode(prices.bounds())), keccak256(abi.encode(standard())), "bounds");
    }

    function test_TheKeeperMovesThePriceByATenthAtMost() public {
        vm.warp(1_000_600);
        updateRefused(START + 1_001, tooMuch(START + 1_001, START, 1_000));
        updateRefused(START - 1_001, tooMuch(START - 1_001, START, 1_000));
        vm.expectEmit(address(prices));
        emit IBoundedPrice.PriceUpdated(KEEPER, START + 1_000);
        update(START + 1_000);
        priced(START + 1_000, 1_000_600);
        vm.warp(1_001_200);
        update(START + 1_000 - 1_100);
        priced(START - 100, 1_001_200);
    }

    /// 99,990 parts of a million of 10,001 wei are 999.99 wei.
    function test_AChangeOfLessThanAWholeWeiMoreIsTooMuch() public {
        vm.startPrank(GOVERNOR);
        prices.setBounds(IBoundedPrice.Bounds(9_000, 11_500, 99_990, 600));
        prices.reset(10_001);
        vm.stopPrank();
        vm.warp(1_000_600);
        updateRefused(11_001, tooMuch(11_001, 10_001, 999));
        update(11_000);
        priced(11_000, 1_000_600);
    }

    function tooMuch(uint256 openWei, uint256 previousWei, uint256 changeWei) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IBoundedPrice.PriceChangedTooMuch.selector, openWei, previousWei, changeWei);
    }

    function test_TheKeeperWaits() public {
        vm.warp(1_000_599);
        updateRefused(START, abi.encodeWithSelector(IBoundedPrice.PriceTooSoon.selector, 1_000_599, 1_000_600));
        vm.warp(1_000_600);
        update(START);
        priced(START, 1_000_600);
        updateRefused(START, abi.encodeWithSelector(IBoundedPrice.PriceTooSoon.selector, 1_000_600, 1_001_200));
    }

    function test_TheKeeperStaysWithinTheBounds() public {
        vm.warp(1_000_600);
        updateRefused(9_499, outOfBounds(9_499));
        update(9_500);
        vm.warp(1_001_200);
        update(10_450);
        vm.warp(1_001_800);
        update(11_495);
        vm.warp(1_002_400);
        updateRefused(11_501, outOfBounds(11_501));
        update(11_500);
        priced(11_500, 1_002_400);
    }

    function outOfBounds(uint256 openWei) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IBoundedPrice.PriceOutOfBounds.selector, openWei, 9_500, 11_500);
    }

    function test_OnlyTheKeeperUpdates() public {
        vm.warp(1_000_600);
        vm.prank(GOVERNOR);
        vm.expectRevert(abi.encodeWithSelector(IBoundedPrice.PriceNotKeeper.selector, GOVERNOR));
        prices.update(START);
        vm.expectEmit(address(prices));
        emit IBoundedPrice.KeeperSet(STRANGER);
        vm.prank(GOVERNOR);
        prices.setKeeper(STRANGER);
        equal(prices.keeper(), STRANGER, "keeper");
        updateRefused(START, abi.encodeWithSelector(IBoundedPrice.PriceNotKeeper.selector, KEEPER));
        vm.prank(STRANGER);
        prices.update(START);
    }

    function test_GovernanceResetsAtAnyTimeWithinTheBounds() public {
        vm.expectEmit(address(prices));
        emit IBoundedPrice.PriceUpdated(GOVERNOR, 11_500);
        vm.prank(GOVERNOR);
        prices.reset(11_500);
        priced(11_500, 1_000_000);
        vm.prank(GOVERNOR);
        vm.expectRevert(outOfBounds(11_501));
        prices.reset(11_501);
        vm.prank(GOVERNOR);
        vm.expectRevert(outOfBounds(9_499));
        prices.reset(9_499);
        vm.prank(GOVERNOR);
        prices.reset(9_500);
        priced(9_500, 1_000_000);
    }

    function test_OnlyGovernanceGoverns() public {
        vm.prank(STRANGER);
        vm.expectRevert(unauthorized());
        prices.reset(START);
        vm.prank(STRANGER);
        vm.expectRevert(unauthorized());
        prices.setBounds(standard());
        vm.prank(STRANGER);
        vm.expectRevert(unauthorized());
        prices.setKeeper(STRANGER);
    }

    function test_GovernanceMovesTheBoundsWithinTheHardOnes() public {
        IBoundedPrice.Bounds memory widest = IBoundedPrice.Bounds(uint128(HARD_MIN), uint128(HARD_MAX), 200_000, 60);
        vm.expectEmit(address(prices));
        emit IBoundedPrice.BoundsSet(uint128(HARD_MIN), uint128(HARD_MAX), 200_000, 60);
        vm.prank(GOVERNOR);
        prices.setBounds(widest);
        equal(keccak256(abi.encode(prices.bounds())), keccak256(abi.encode(widest)), "bounds");
        vm.warp(1_000_060);
        update(START + START / 5);
        IBoundedPrice.Bounds memory narrowest = IBoundedPrice.Bounds(12_010, 12_010, 1, 60);
        vm.prank(GOVERNOR);
        prices.setBounds(narrowest);
    }

    function test_BoundsKeepTheirLimits() public {
        badBounds(IBoundedPrice.Bounds(uint128(HARD_MIN - 1), 11_500, 100_000, 600));
        badBounds(IBoundedPrice.Bounds(9_500, uint128(HARD_MAX + 1), 100_000, 600));
        badBounds(IBoundedPrice.Bounds(10_010, 10_008, 100_000, 600));
        badBounds(IBoundedPrice.Bounds(9_500, 11_500, 0, 600));
        badBounds(IBoundedPrice.Bounds(9_500, 11_500, 200_001, 600));
        badBounds(IBoundedPrice.Bounds(9_500, 11_500, 100_000, 59));
    }

    function badBounds(IBoundedPrice.Bounds memory bounds) internal {
        vm.prank(GOVERNOR);
        vm.expectRevert(abi.encodeWithSelector(IBoundedPrice.PriceBadBounds.selector, bounds));
        prices.setBounds(bounds);
    }

    function test_ThePriceOfTheMomentLiesWithinNewBounds() public {
        bytes4 selector = IBoundedPrice.PriceOutOfBounds.selector;
        vm.prank(GOVERNOR);
        vm.expectRevert(abi.encodeWithSelector(selector, START, START + 1, START + 2));
        prices.setBounds(IBoundedPrice.Bounds(uint128(START + 1), uint128(START + 2), 1, 60));
        vm.prank(GOVERNOR);
        vm.expectRevert(abi.encodeWithSelector(selector, START, START - 2, START - 1));
        prices.setBounds(IBoundedPrice.Bounds(uint128(START - 2), uint128(START - 1), 1, 60));
    }

    function test_APriceOfNothingCannotBeAllowed() public {
        try
            this.deploy(abi.encode(GOVERNOR, KEEPER, 0, HARD_MAX, START, IBoundedPrice.Bounds(0, 11_500, 100_000, 600)))
        {
            revert("deployed");
        } catch (bytes memory reason) {
            equal(bytes32(bytes4(reason)), bytes32(IBoundedPrice.PriceBadBounds.selector), "reason");
        }
        try this.deploy(abi.encode(GOVERNOR, KEEPER, HARD_MIN, HARD_MAX, 9_499, standard())) {
            revert("deployed");
        } catch (bytes memory reason) {
            equal(keccak256(reason), keccak256(outOfBounds(9_499)), "reason");
        }
    }

    function deploy(bytes calldata parameters) external {
        deployed("BoundedPrice", parameters);
    }

    /// Whatever a keeper tries, a day moves the price by no more than its updates can.
    function testFuzz_AStolenKeyMovesThePriceNoFasterThanTheBounds(uint256[12] memory wishes) public {
        uint256 previousWei = START;
        for (uint256 i; i < wishes.length; ++i) {
            vm.warp(block.timestamp + 600);
            vm.prank(KEEPER);
            try prices.update(bound(wishes[i], 0, 20_000)) {} catch {}
            (uint256 openWei, ) = prices.price();
            require(openWei >= 9_500 && openWei <= 11_500, "bounds");
            uint256 changeWei = openWei > previousWei ? openWei - previousWei : previousWei - openWei;
            require(changeWei <= previousWei / 10, "change");
            previousWei = openWei;
        }
    }
}
